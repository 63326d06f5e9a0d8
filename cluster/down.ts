import { environment } from "./environment";
import { stopEngine } from "./engine";
import { removeUnfinishedNodeImage } from "./images";
import { currentLocalContext } from "./kubeconfig";
import { deleteCluster } from "./kindCluster";
import { exclusively } from "./lock";
import { down } from "./stack";
import { main } from "./steps";

main(() =>
    exclusively(async () => {
        Object.assign(process.env, await environment());
        await down((await currentLocalContext()) !== undefined);
        if (!(await deleteCluster())) {
            console.log("  No cluster here was made by `make up`: none is deleted.");
        }
        await removeUnfinishedNodeImage();
        await stopEngine();
    }),
);
