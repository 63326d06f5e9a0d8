import * as k8s from "@pulumi/kubernetes";

new k8s.kustomize.v2.Directory("web", { directory: "." });
