import * as k8s from "@pulumi/kubernetes";

new k8s.yaml.v2.ConfigFile("web", { file: "deployment.yaml" });
