/**
 * A self-signed certificate for localhost and 127.0.0.1, valid for a hundred years, and its key: for
 * the TLS upstreams of conformance cases on loopback. It protects nothing.
 */

export const TEST_CERTIFICATE_PEM: string = `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUYtYo19jy4Hka+zRSgCaWEuiZEM0wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzIyMjUwMFoYDzIxMjYxMDMw
MjIyNTAwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQgnk03aGWqVkTTx+lB/YDVOqImKttvJE4TWd2lQOEU5ZdKS/OgWuza
z4wscZtoRZR+76JG3IplfLALhGBojVA3o28wbTAdBgNVHQ4EFgQUqX5jaZS7sfNs
NXbVzCSPVwu76iowHwYDVR0jBBgwFoAUqX5jaZS7sfNsNXbVzCSPVwu76iowGgYD
VR0RBBMwEYIJbG9jYWxob3N0hwR/AAABMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZI
zj0EAwIDSAAwRQIhAORtxsQmYEpc4W1cO+phRNHsb0Kd/SYtrpyEpJUPGtoHAiAq
j605pPovTnBvB7lf0JeppSr1uQiNXvTJzqiWUK/j4Q==
-----END CERTIFICATE-----
`;

export const TEST_KEY_PEM: string = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgsSBjO7tUls+U1yN2
alB14X0QS/8H6qA67a0pxtFAb2GhRANCAAQgnk03aGWqVkTTx+lB/YDVOqImKttv
JE4TWd2lQOEU5ZdKS/OgWuzaz4wscZtoRZR+76JG3IplfLALhGBojVA3
-----END PRIVATE KEY-----
`;
