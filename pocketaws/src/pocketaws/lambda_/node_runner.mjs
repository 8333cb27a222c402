// What the Node.js runtime of Lambda does around one call of a handler.
// https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
import fs, { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [handlerName, eventPath, resultPath, contextText] = process.argv.slice(2);
const { deadline, clientContext, own, ...told } = JSON.parse(contextText);
const taskDir = process.env.LAMBDA_TASK_ROOT;

// /tmp is the call's own: what names it is moved there, but for what lies in the call's folders.
const SECOND = /^(rename|copyFile|link|symlink|cp)(Sync)?$/;

function within(file, folder) {
  return file === folder || file.startsWith(folder + '/');
}

function moved(file) {
  if (typeof file !== 'string' || !within(file, '/tmp')) return file;
  if (own.some((folder) => within(file, folder))) return file;
  return process.env.TMPDIR + file.slice('/tmp'.length);
}

function moveTemporaryFiles() {
  for (const holder of [fs, fs.promises]) {
    for (const name of Object.keys(holder)) {
      const original = holder[name];
      // Classes, and constants, stay as they are.
      if (typeof original !== 'function' || /^[A-Z_]/.test(name)) continue;
      const instead = function (first, second, ...rest) {
        if (arguments.length < 2) return original.call(this, moved(first));
        const other = SECOND.test(name) ? moved(second) : second;
        return original.call(this, moved(first), other, ...rest);
      };
      Object.defineProperties(instead, Object.getOwnPropertyDescriptors(original));
      holder[name] = instead;
    }
  }
  syncBuiltinESMExports();
}

function failed(error, type) {
  const described = {
    errorType: type ?? error?.name ?? 'Error',
    errorMessage: error?.message ?? String(error),
    trace: String(error?.stack ?? '').split('\n'),
  };
  console.error(error);
  writeFileSync(resultPath, JSON.stringify(described));
  process.exit(1);
}

function ended(result) {
  writeFileSync(resultPath, JSON.stringify(result ?? null));
  process.exit(0);
}

async function loaded() {
  const dot = handlerName.lastIndexOf('.');
  const base = path.join(taskDir, handlerName.slice(0, dot));
  const file = ['.js', '.mjs', '.cjs'].map((ending) => base + ending).find(existsSync);
  if (!file) {
    const error = new Error(`Error: Cannot find module '${handlerName.slice(0, dot)}'`);
    return failed(error, 'Runtime.ImportModuleError');
  }
  let module;
  try {
    module = createRequire(file)(file);
  } catch (error) {
    if (error.code !== 'ERR_REQUIRE_ESM' && !(error instanceof SyntaxError)) throw error;
    module = await import(pathToFileURL(file));
  }
  const name = handlerName.slice(dot + 1);
  const handler = module[name] ?? module.default?.[name];
  if (typeof handler !== 'function') {
    failed(new Error(`${handlerName} is undefined or not exported`), 'Runtime.HandlerNotFound');
  }
  return handler;
}

const context = {
  ...told,
  callbackWaitsForEmptyEventLoop: true,
  clientContext: clientContext ?? undefined,
  identity: undefined,
  getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  done: (error, result) => (error ? failed(error) : ended(result)),
  fail: (error) => failed(error),
  succeed: (result) => ended(result),
};

process.on('uncaughtException', (error) => failed(error));
process.on('unhandledRejection', (error) => failed(error, 'Runtime.UnhandledPromiseRejection'));

moveTemporaryFiles();

try {
  const handler = await loaded();
  const event = JSON.parse(readFileSync(eventPath, 'utf8'));
  const callback = (error, result) => (error ? failed(error) : ended(result));
  const answer = handler(event, context, callback);
  if (typeof answer?.then === 'function') {
    ended(await answer);
  } else if (handler.length < 3) {
    ended(answer);
  } else {
    // A handler that never calls back ends with null, as Lambda has it.
    process.on('exit', (code) => {
      if (code === 0 && !existsSync(resultPath)) writeFileSync(resultPath, 'null');
    });
  }
} catch (error) {
  failed(error);
}
