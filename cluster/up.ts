import { exclusively } from "./lock";
import { setUp } from "./setUp";
import { up } from "./stack";
import { main } from "./steps";

const images = ["nginx:latest", "ubuntu:latest"];

main(() =>
    exclusively(async () => {
        const cluster = await setUp(images);
        await up();
        console.log(`
The webserver runs on ${cluster.context}. What to do next:
  make logs      follow its log, as the sidecar reads it
  make open      reach it from this machine
  make verify    check all that it should do
  make up        again, after a change in index.ts, components/ or Pulumi.dev.yaml (make preview shows it first)
  make down      take it down${cluster.ours ? ", with its cluster" : ""}
  eval "$(make -s env)"   have kubectl, kind and pulumi in this shell`);
    }),
);
