import Table from "cli-table3";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { engineRows } from "./engine";
import { logReaderRows } from "./logReader";
import { policyRows } from "./peers";
import { prepare, removeScratch, tidy } from "./programs";
import { figure, type Row } from "./row";
import { loadRows, upRows } from "./starting";

const results = join(__dirname, "results");

function save(row: Row): void {
    const machine = { processors: cpus().length, model: cpus()[0]?.model, memoryGiB: Math.round(totalmem() / 2 ** 30) };
    const file = join(results, `${row.name.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.json`);
    mkdirSync(results, { recursive: true });
    writeFileSync(
        file,
        `${JSON.stringify({ ...row, figure: figure(row), measured: new Date().toISOString(), machine }, null, 2)}\n`,
    );
}

function shown(value: number | undefined, unit: string): string {
    return value === undefined ? "" : `${value.toFixed(value < 10 ? 2 : 0)} ${unit}`.trim();
}

function print(rows: readonly Row[]): void {
    const table = new Table({ head: ["", "ours", "theirs", "", "ratio", "goal"], style: { head: [], border: [] } });
    for (const row of rows) {
        const { name, unit, ours, theirs, goal } = row;
        const met = goal === undefined ? "" : `${figure(row) <= goal ? "✓" : "✗"} ${goal.toFixed(2)}`;
        table.push([
            name,
            shown(ours, unit),
            shown(theirs, unit),
            theirs === undefined ? "" : (row.against ?? "template"),
            theirs === undefined ? "" : figure(row).toFixed(2),
            met,
        ]);
    }
    console.log(table.toString());
}

/** Rows that need both programs' stacks. */
async function* withStacks(rows: () => AsyncGenerator<Row>): AsyncGenerator<Row> {
    await prepare();
    try {
        yield* rows();
    } finally {
        await tidy();
    }
}

/** What is measured, by the name that BENCH asks for it with. */
const parts: Record<string, () => Iterable<Row> | AsyncIterable<Row>> = {
    load: loadRows,
    engine: () => withStacks(engineRows),
    logs: () => withStacks(logReaderRows),
    policy: policyRows,
    up: upRows,
};

async function measure(): Promise<void> {
    const rows: Row[] = [];
    for (const part of (process.env.BENCH ?? Object.keys(parts).join(" ")).split(" ")) {
        if (parts[part] === undefined) {
            throw new Error(`BENCH=${part}: there is no such part. The parts are: ${Object.keys(parts).join(", ")}.`);
        }
        for await (const row of parts[part]()) {
            save(row);
            rows.push(row);
            console.log(
                `… ${row.name}: ${shown(row.ours, row.unit)}${row.theirs === undefined ? "" : ` against ${shown(row.theirs, row.unit)}`}`,
            );
        }
    }
    removeScratch();
    print(rows);
}

measure().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
});
