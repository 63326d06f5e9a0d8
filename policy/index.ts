/** Starts the policy pack: the one file with a side effect. Everything else can be imported without starting a server. */
import "./leanSdk";
import { PolicyPack } from "@pulumi/policy";
import { engineConfigProblems } from "./config";
import { packName, policies, stackPolicies } from "./pack";
import { refuseWrongConfig } from "./wholeConfig";

refuseWrongConfig(engineConfigProblems);
new PolicyPack(packName, { policies: [...policies, ...stackPolicies] });
