# Every container has a memory limit.
package main

import rego.v1

deny contains message if {
    input.kind == "Pod"
    some container in input.spec.containers
    not container.resources.limits.memory
    message := sprintf("container %s: no memory limit", [container.name])
}
