/** One line of the table, and one file of bench/results. */
export interface Row {
    /** Also the name of its file. */
    readonly name: string;
    readonly unit: string;
    /** Of this project. */
    readonly ours: number;
    /** Of what a user would pick instead; left out where there is no such thing. */
    readonly theirs?: number;
    /** What a user would pick instead; `template` by default. */
    readonly against?: string;
    /** What `ours / theirs`, or `ours` alone, should be at most. */
    readonly goal?: number;
    /** Every measurement, in the order in which it was taken. */
    readonly samples: Record<string, readonly number[]>;
}

/** What a row's goal is held against. */
export function figure({ ours, theirs }: Row): number {
    return theirs === undefined ? ours : ours / theirs;
}
