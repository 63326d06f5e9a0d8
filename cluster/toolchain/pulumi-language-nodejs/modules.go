package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// manifest is the part of a package.json that matters here.
type manifest struct {
	Name                 string            `json:"name"`
	Version              string            `json:"version"`
	Dependencies         map[string]string `json:"dependencies"`
	DevDependencies      map[string]string `json:"devDependencies"`
	OptionalDependencies map[string]string `json:"optionalDependencies"`
	PeerDependencies     map[string]string `json:"peerDependencies"`
	Pulumi               json.RawMessage   `json:"pulumi"`
}

// module is an installed package: where it really is, which is where Node.js looks for its dependencies, and its manifest.
type module struct {
	directory string
	manifest  manifest
}

func readManifest(directory string) (manifest, error) {
	path := filepath.Join(directory, "package.json")
	data, err := os.ReadFile(path)
	if err != nil {
		return manifest{}, err
	}
	var m manifest
	// npm tolerates a byte order mark, so some packages have one.
	if err := json.Unmarshal(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), &m); err != nil {
		return manifest{}, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// parents are the directory and all above it, nearest first.
func parents(directory string) []string {
	var all []string
	for {
		all = append(all, directory)
		parent := filepath.Dir(directory)
		if parent == directory {
			return all
		}
		directory = parent
	}
}

// findModule finds a package as Node.js does: in the node_modules of the directory, then of each directory above it. So packages
// hoisted to the root of a workspace are found, and the copy of a package that a program really gets is the one that counts.
func findModule(directory, name string) (string, bool) {
	for _, parent := range parents(directory) {
		if filepath.Base(parent) == "node_modules" {
			continue
		}
		candidate := filepath.Join(parent, "node_modules", filepath.FromSlash(name))
		if info, err := os.Stat(candidate); err == nil && info.IsDir() {
			return candidate, true
		}
	}
	return "", false
}

// programManifest is the nearest package.json at or above the program, which may be in a directory below it.
func programManifest(directory string) (module, bool, error) {
	for _, parent := range parents(directory) {
		m, err := readManifest(parent)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		return module{directory: parent, manifest: m}, err == nil, err
	}
	return module{}, false, nil
}

// walkModules visits each installed package that the program can reach through the dependencies that the manifests declare, once
// each, nearest first, in a fixed order. Following declarations instead of listing node_modules reads only the manifests that
// matter, leaves out what other members of a workspace need, and works with layouts that keep packages elsewhere (pnpm).
// visit says whether to go on to the package's own dependencies.
func walkModules(directory string, visit func(m module) (descend bool)) error {
	directory, err := filepath.Abs(directory)
	if err != nil {
		return err
	}
	root, found, err := programManifest(directory)
	if err != nil || !found {
		return err
	}
	if root.directory, err = filepath.EvalSymlinks(root.directory); err != nil {
		return err
	}
	seen := map[string]bool{root.directory: true}
	queue := []module{root}
	for len(queue) > 0 {
		current := queue[0]
		queue = queue[1:]
		for _, name := range dependencyNames(current, current.directory == root.directory) {
			found, ok := findModule(current.directory, name)
			if !ok {
				continue // not installed: optional, a peer nobody wants, or only there for its types
			}
			// Symbolic links are how workspaces and pnpm place packages; Node.js goes on from the real place.
			if found, err = filepath.EvalSymlinks(found); err != nil {
				return err
			}
			if seen[found] {
				continue
			}
			seen[found] = true
			m, err := readManifest(found)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return err
			}
			next := module{directory: found, manifest: m}
			if next.manifest.Name == "" {
				next.manifest.Name = name
			}
			if visit(next) {
				queue = append(queue, next)
			}
		}
	}
	return nil
}

// dependencyNames are what the package says it uses, sorted. Development dependencies count for the program only: they are not
// installed for packages.
func dependencyNames(m module, isProgram bool) []string {
	sets := []map[string]string{m.manifest.Dependencies, m.manifest.OptionalDependencies, m.manifest.PeerDependencies}
	if isProgram {
		sets = append(sets, m.manifest.DevDependencies)
	}
	var names []string
	for _, set := range sets {
		for name := range set {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

var errSdkMissing = errors.New("the package @pulumi/pulumi is not installed")

// sdkModule is a script of the @pulumi/pulumi that the program uses. Looking for it here takes microseconds; only where packages
// are not in node_modules directories (NODE_PATH, Yarn's Plug'n'Play) is node itself asked.
func sdkModule(ctx context.Context, node, directory, script string) (string, error) {
	if sdk, ok := findModule(directory, "@pulumi/pulumi"); ok {
		path := filepath.Join(sdk, filepath.FromSlash(script), "index.js")
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	cmd := exec.CommandContext(ctx, node, "-p", "require.resolve('@pulumi/pulumi/"+script+"')")
	cmd.Dir = directory
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%w for %s: run `npm install` there", errSdkMissing, directory)
	}
	return strings.TrimSpace(string(out)), nil
}
