import { setTimeout as sleep } from "node:timers/promises";

/**
 * Tries until it succeeds.
 *
 * @throws what the last attempt threw, where none succeeded in time
 */
export async function eventually<T>(attempt: () => Promise<T>, seconds: number): Promise<T> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
        try {
            return await attempt();
        } catch (error) {
            if (Date.now() > deadline) {
                throw error;
            }
        }
        await sleep(50);
    }
}
