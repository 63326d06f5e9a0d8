/** The public surface: nothing else in this directory is meant to be imported from outside. */
export { InvalidInputError } from "./inputErrors";
export { LocalCluster, type LocalClusterArgs } from "./localCluster";
export {
    type ContainerArgs,
    podSpec,
    type PodSpec,
    type PodSpecArgs,
    type Resources,
    type SidecarArgs,
} from "./podSpec";
export type { ReadinessArgs } from "./readiness";
export {
    type ClaimRequest,
    configMap,
    emptyDir,
    type EmptyDirArgs,
    type Mount,
    type MountOptions,
    persistentVolumeClaim,
    type PersistentVolumeClaimArgs,
    secret,
    SharedVolume,
} from "./sharedVolume";
export { type PodMetadata, type ServiceArgs, SidecarPod, type SidecarPodArgs, type Transform } from "./sidecarPod";
export { logReader, type LogReaderArgs, type LogReaderMode } from "./sidecars/logReader";
export { stackConfig, type StackConfig } from "./stackConfig";
export { Webserver, type WebserverArgs, type WebserverCommands } from "./webserver";
