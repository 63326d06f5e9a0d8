// Command pulumi-resource-kubernetes is Pulumi's Kubernetes provider. Upstream's own main package embeds files that its build
// makes and its module lacks; the build here makes them from the schema that the module does have.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version"
)

//go:embed schema.json
var schema []byte

//go:embed terraform-mapping.json
var terraformMapping []byte

func main() {
	provider.Serve("kubernetes", version.Version, schema, terraformMapping)
}
