package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// pluginDeclaration is what a package says of its plugin, under "pulumi" in its package.json.
type pluginDeclaration struct {
	Resource         bool   `json:"resource"`
	Name             string `json:"name"`
	Version          string `json:"version"`
	Server           string `json:"server"`
	Parameterization *struct {
		Name    string `json:"name"`
		Version string `json:"version"`
		Value   []byte `json:"value"`
	} `json:"parameterization"`
}

// requiredPackages are the providers that the program's packages need, so that the engine can fetch them beforehand.
func requiredPackages(directory string) ([]*pulumirpc.PackageDependency, error) {
	var packages []*pulumirpc.PackageDependency
	var failure error
	err := walkModules(directory, func(m module) bool {
		dependency, err := packageDependency(m)
		if err != nil {
			failure = err
		}
		if dependency != nil {
			packages = append(packages, dependency)
		}
		// The SDK has by far the most dependencies of all packages, and a provider is never one of them.
		return m.manifest.Name != "@pulumi/pulumi"
	})
	if err == nil {
		err = failure
	}
	if err != nil {
		return nil, err
	}
	// Two copies of one package at the same version need one plugin.
	key := func(p *pulumirpc.PackageDependency) string {
		parameterization := p.GetParameterization()
		return strings.Join([]string{
			p.Name, p.Version, p.Server, parameterization.GetName(), parameterization.GetVersion(), string(parameterization.GetValue()),
		}, "\x00")
	}
	slices.SortFunc(packages, func(a, b *pulumirpc.PackageDependency) int { return cmp.Compare(key(a), key(b)) })
	return slices.CompactFunc(packages, func(a, b *pulumirpc.PackageDependency) bool { return key(a) == key(b) }), nil
}

// packageDependency is the provider that belongs to the package, or nil if there is none.
func packageDependency(m module) (*pulumirpc.PackageDependency, error) {
	// "pulumi" is a common enough word for a package to have something else under it.
	if !strings.HasPrefix(string(m.manifest.Pulumi), "{") {
		return nil, nil
	}
	var plugin pluginDeclaration
	if err := json.Unmarshal(m.manifest.Pulumi, &plugin); err != nil {
		return nil, fmt.Errorf("%s: \"pulumi\": %w", filepath.Join(m.directory, "package.json"), err)
	}
	if !plugin.Resource {
		return nil, nil
	}
	dependency := &pulumirpc.PackageDependency{
		Name:    cmp.Or(plugin.Name, unscoped(m.manifest.Name)),
		Kind:    "resource",
		Version: cmp.Or(plugin.Version, m.manifest.Version),
		Server:  plugin.Server,
	}
	if p := plugin.Parameterization; p != nil {
		dependency.Parameterization = &pulumirpc.PackageParameterization{Name: p.Name, Version: p.Version, Value: p.Value}
	}
	return dependency, nil
}

// unscoped is "kubernetes" for "@pulumi/kubernetes".
func unscoped(name string) string {
	if _, rest, found := strings.Cut(name, "/"); found && strings.HasPrefix(name, "@") {
		return rest
	}
	return name
}

// programDependencies are the npm packages that the program uses, for `pulumi about`.
func programDependencies(directory string, transitive bool) ([]*pulumirpc.DependencyInfo, error) {
	dependencies := []*pulumirpc.DependencyInfo{}
	err := walkModules(directory, func(m module) bool {
		dependencies = append(dependencies, &pulumirpc.DependencyInfo{Name: m.manifest.Name, Version: m.manifest.Version})
		return transitive
	})
	slices.SortFunc(dependencies, func(a, b *pulumirpc.DependencyInfo) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version))
	})
	return dependencies, err
}
