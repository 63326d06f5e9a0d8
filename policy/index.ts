/** Starts the policy pack: the one file with a side effect. Everything else can be imported without starting a server. */
import "./leanSdk";
import { PolicyPack } from "@pulumi/policy";
import { packName, policies } from "./pack";

new PolicyPack(packName, { policies });
