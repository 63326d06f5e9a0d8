import { coldCaches, deploy, programs, timed, warmCaches, type Program } from "./programs";
import type { Row } from "./row";
import { median } from "./statistics";

const rounds = 5;

/** Measures both programs in turn. */
async function inTurn(measure: (program: Program) => Promise<number>): Promise<{ ours: number[]; theirs: number[] }> {
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
        theirs.push(await measure(programs.template));
        ours.push(await measure(programs.ours));
    }
    return { ours, theirs };
}

async function row(
    name: string,
    goal: number | undefined,
    measure: (program: Program) => Promise<number>,
): Promise<Row> {
    const samples = await inTurn(measure);
    return { name, unit: "s", ours: median(samples.ours), theirs: median(samples.theirs), goal, samples };
}

/** The commands that a user waits for, against the template. */
export async function* engineRows(): AsyncGenerator<Row> {
    const preview = ["preview"];
    const up = ["up", "--yes", "--skip-preview"];
    const destroy = ["destroy", "--yes", "--skip-preview"];
    yield await row("preview, program just changed", 0.4, (program) => timed(program, coldCaches(), ...preview));
    yield await row("preview, program compiled before", undefined, (program) =>
        timed(program, warmCaches(), ...preview),
    );
    yield await row("preview, ours with the policy pack", 0.55, (program) =>
        timed(program, coldCaches(), ...preview, ...(program === programs.ours ? ["--policy-pack", "policy"] : [])),
    );
    // A pod has to have served for a while before its end is representative: the loop is then in its sleep.
    yield await row("destroy", 0.1, async (program) => {
        await timed(program, warmCaches(), ...up);
        return timed(program, warmCaches(), ...destroy);
    });
    await deploy();
    yield await row("up without a change, fresh machine", 0.5, (program) => timed(program, coldCaches(), ...up));
    yield await row("up without a change, program compiled before", undefined, (program) =>
        timed(program, warmCaches(), ...up),
    );
}
