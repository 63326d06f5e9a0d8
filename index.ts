import { LocalCluster, stackConfig, Webserver } from "./components";

/** Config in, a webserver on a local cluster, outputs out. */
export = async () => {
    const config = stackConfig("webserver");
    const cluster = await LocalCluster.connect("cluster", config.cluster);
    const { podName, namespace, podIP, images, commands } = new Webserver("webserver", {
        ...config.webserver,
        cluster,
    });
    return { podName, namespace, ...(podIP && { podIP }), images, commands };
};
