import { setUp } from "./setUp";
import { exclusively } from "./lock";
import { preview } from "./stack";
import { main } from "./steps";

main(() =>
    exclusively(async () => {
        await setUp([]);
        await preview();
    }),
);
