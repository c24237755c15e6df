/**
 * The environment for commands that work on another checkout than the one that Hopmark was started
 * in: git and npm tell their children where they are by variables, and these would be believed.
 */

/** Set by git for hooks, and by npm for scripts: they describe the place of the caller. */
const OF_THE_CALLER =
  /^(GIT_(DIR|WORK_TREE|INDEX_FILE|PREFIX|COMMON_DIR|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES)|INIT_CWD|npm_(command|execpath|package_.*|lifecycle_.*|config_local_prefix|config_prefix))$/;

/** This process's environment without what describes its own place. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !OF_THE_CALLER.test(name)),
  );
}
