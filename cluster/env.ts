import { environment } from "./environment";
import { main } from "./steps";

main(async () => {
    for (const [name, value] of Object.entries(await environment())) {
        console.log(`export ${name}='${value.replaceAll("'", "'\\''")}'`);
    }
});
