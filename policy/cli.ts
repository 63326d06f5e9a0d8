#!/usr/bin/env node
/** The command's entry: runs it with the process's own words and streams. */
import { checkCommand } from "./check";

checkCommand(process.argv.slice(2), {
    stdin: process.stdin,
    print: console.log,
    printError: console.error,
}).then(
    (code) => {
        process.exitCode = code;
    },
    (error: unknown) => {
        console.error(error instanceof Error ? error.message : String(error));
        process.exitCode = 2;
    },
);
