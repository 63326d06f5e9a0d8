package main

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// tree writes files below a temporary directory; a value that starts with "->" is the target of a symbolic link.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if len(content) > 2 && content[:2] == "->" {
			err = os.Symlink(content[2:], path)
		} else {
			err = os.WriteFile(path, []byte(content), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func required(t *testing.T, directory string) []string {
	t.Helper()
	packages, err := requiredPackages(directory)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range packages {
		text := p.Kind + " " + p.Name + "@" + p.Version
		if p.Server != "" {
			text += " from " + p.Server
		}
		if q := p.Parameterization; q != nil {
			text += " as " + q.Name + "@" + q.Version + "=" + string(q.Value)
		}
		got = append(got, text)
	}
	return got
}

func TestRequiredPackages(t *testing.T) {
	const kubernetes = `{"name":"@pulumi/kubernetes","version":"4.25.0","pulumi":{"resource":true,"name":"kubernetes","version":"4.25.0"}}`
	tests := map[string]struct {
		files   map[string]string
		program string
		want    []string
	}{
		"names and versions default to the package's": {
			files: map[string]string{
				"package.json": `{"dependencies":{"@acme/pulumi-things":"1","plain":"1","@pulumi/kubernetes":"4"}}`,
				"node_modules/@pulumi/kubernetes/package.json":  kubernetes,
				"node_modules/@acme/pulumi-things/package.json": `{"name":"@acme/pulumi-things","version":"1.2.3","pulumi":{"resource":true,"server":"https://acme.test"}}`,
				"node_modules/plain/package.json":               `{"name":"plain","version":"1.0.0"}`,
			},
			want: []string{"resource kubernetes@4.25.0", "resource pulumi-things@1.2.3 from https://acme.test"},
		},
		"something else under pulumi, or resource false, is no plugin": {
			files: map[string]string{
				"package.json":                   `{"dependencies":{"text":"1","no":"1","list":"1"}}`,
				"node_modules/text/package.json": `{"name":"text","version":"1.0.0","pulumi":"a lamp"}`,
				"node_modules/no/package.json":   `{"name":"no","version":"1.0.0","pulumi":{"resource":false}}`,
				"node_modules/list/package.json": `{"name":"list","version":"1.0.0","pulumi":[1]}`,
			},
		},
		"parameterized packages": {
			files: map[string]string{
				"package.json":                 `{"dependencies":{"tf":"1"}}`,
				"node_modules/tf/package.json": `{"name":"tf","version":"9.9.9","pulumi":{"resource":true,"name":"base","version":"1.0.0","parameterization":{"name":"tf","version":"2.0.0","value":"aGVsbG8="}}}`,
			},
			want: []string{"resource base@1.0.0 as tf@2.0.0=hello"},
		},
		"dependencies of dependencies, nested and hoisted, cycles included": {
			files: map[string]string{
				"package.json":                                      `{"devDependencies":{"lib":"1"}}`,
				"node_modules/lib/package.json":                     `{"name":"lib","version":"1.0.0","dependencies":{"nested":"1","hoisted":"1"}}`,
				"node_modules/lib/node_modules/nested/package.json": `{"name":"nested","version":"1.0.0","dependencies":{"lib":"1"},"pulumi":{"resource":true}}`,
				"node_modules/hoisted/package.json":                 `{"name":"hoisted","version":"1.0.0","pulumi":{"resource":true}}`,
			},
			want: []string{"resource hoisted@1.0.0", "resource nested@1.0.0"},
		},
		"a workspace member sees the nearest copy, and not what other members use": {
			files: map[string]string{
				"package.json":                                  `{"workspaces":["packages/*"]}`,
				"node_modules/dep/package.json":                 `{"name":"dep","version":"1.0.0","pulumi":{"resource":true}}`,
				"node_modules/shared/package.json":              `{"name":"shared","version":"1.0.0","pulumi":{"resource":true}}`,
				"node_modules/others/package.json":              `{"name":"others","version":"1.0.0","pulumi":{"resource":true}}`,
				"node_modules/mine":                             "->../packages/mine",
				"packages/mine/package.json":                    `{"name":"mine","version":"0.0.0","dependencies":{"mydep":"1"}}`,
				"packages/mine/node_modules/mydep/package.json": `{"name":"mydep","version":"3.0.0","pulumi":{"resource":true}}`,
				"packages/app/package.json":                     `{"name":"app","dependencies":{"dep":"2","shared":"1","mine":"*"}}`,
				"packages/app/src/index.ts":                     ``,
				"packages/app/node_modules/dep/package.json":    `{"name":"dep","version":"2.0.0","pulumi":{"resource":true}}`,
			},
			program: "packages/app/src",
			want:    []string{"resource dep@2.0.0", "resource mydep@3.0.0", "resource shared@1.0.0"},
		},
		"two copies at one version count once, at two versions twice": {
			files: map[string]string{
				"package.json":                               `{"dependencies":{"a":"1","b":"1","p":"1"}}`,
				"node_modules/p/package.json":                `{"name":"p","version":"1.0.0","pulumi":{"resource":true}}`,
				"node_modules/a/package.json":                `{"name":"a","version":"1.0.0","dependencies":{"p":"1"}}`,
				"node_modules/a/node_modules/p/package.json": `{"name":"p","version":"1.0.0","pulumi":{"resource":true}}`,
				"node_modules/b/package.json":                `{"name":"b","version":"1.0.0","dependencies":{"p":"2"}}`,
				"node_modules/b/node_modules/p/package.json": `{"name":"p","version":"2.0.0","pulumi":{"resource":true}}`,
			},
			want: []string{"resource p@1.0.0", "resource p@2.0.0"},
		},
		"packages kept elsewhere behind links, as pnpm does": {
			files: map[string]string{
				"package.json":     `{"dependencies":{"lib":"1"}}`,
				"node_modules/lib": "->.pnpm/lib@1.0.0/node_modules/lib",
				"node_modules/.pnpm/lib@1.0.0/node_modules/lib/package.json":  `{"name":"lib","version":"1.0.0","dependencies":{"deep":"1"}}`,
				"node_modules/.pnpm/lib@1.0.0/node_modules/deep/package.json": `{"name":"deep","version":"1.0.0","pulumi":{"resource":true}}`,
			},
			want: []string{"resource deep@1.0.0"},
		},
		"the program is not its own provider": {
			files: map[string]string{
				"package.json":      `{"name":"self","version":"1.0.0","pulumi":{"resource":true},"dependencies":{"self":"*"}}`,
				"node_modules/self": "->..",
			},
		},
		"a byte order mark, and a dependency that is not installed": {
			files: map[string]string{
				"package.json":                  "\xef\xbb\xbf" + `{"dependencies":{"bom":"1"},"optionalDependencies":{"absent":"1"}}`,
				"node_modules/bom/package.json": "\xef\xbb\xbf" + `{"name":"bom","version":"1.0.0","pulumi":{"resource":true}}`,
			},
			want: []string{"resource bom@1.0.0"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			root := tree(t, test.files)
			if got := required(t, filepath.Join(root, test.program)); !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestRequiredPackagesBrokenManifest(t *testing.T) {
	root := tree(t, map[string]string{"package.json": `{"dependencies":`})
	if _, err := requiredPackages(root); err == nil {
		t.Error("a manifest that cannot be read must be reported")
	}
}

func TestProgramDependencies(t *testing.T) {
	root := tree(t, map[string]string{
		"package.json":                `{"dependencies":{"b":"1"},"devDependencies":{"a":"1"}}`,
		"node_modules/a/package.json": `{"name":"a","version":"1.0.0"}`,
		"node_modules/b/package.json": `{"name":"b","version":"2.0.0","dependencies":{"c":"1"},"devDependencies":{"d":"1"}}`,
		"node_modules/c/package.json": `{"name":"c","version":"3.0.0"}`,
		"node_modules/d/package.json": `{"name":"d","version":"4.0.0"}`,
	})
	for _, test := range []struct {
		transitive bool
		want       []string
	}{
		{false, []string{"a 1.0.0", "b 2.0.0"}},
		{true, []string{"a 1.0.0", "b 2.0.0", "c 3.0.0"}},
	} {
		dependencies, err := programDependencies(root, test.transitive)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range dependencies {
			got = append(got, d.Name+" "+d.Version)
		}
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("transitive %v: got %q, want %q", test.transitive, got, test.want)
		}
	}
}

func TestSdkModule(t *testing.T) {
	root := tree(t, map[string]string{
		"node_modules/@pulumi/pulumi/cmd/run/index.js": ``,
		"packages/app/index.ts":                        ``,
	})
	got, err := sdkModule(t.Context(), "/nonexistent/node", filepath.Join(root, "packages/app"), "cmd/run")
	if want := filepath.Join(root, "node_modules/@pulumi/pulumi/cmd/run/index.js"); err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if _, err := sdkModule(t.Context(), "/nonexistent/node", t.TempDir(), "cmd/run"); err == nil {
		t.Error("a missing SDK must be reported")
	}
}

// A program's tree of a few hundred packages is on the path of every preview.
func BenchmarkRequiredPackages(b *testing.B) {
	directory := os.Getenv("BENCH_PROGRAM")
	if directory == "" {
		b.Skip("BENCH_PROGRAM names the program to measure")
	}
	for b.Loop() {
		if _, err := requiredPackages(directory); err != nil {
			b.Fatal(err)
		}
	}
}
