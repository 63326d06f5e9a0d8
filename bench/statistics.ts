/** The value below which the given part of the sorted sample lies, for instance 0.5 for the median. */
export function quantile(sample: readonly number[], part: number): number {
    const sorted = [...sample].sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? NaN;
}

export function median(sample: readonly number[]): number {
    return quantile(sample, 0.5);
}
