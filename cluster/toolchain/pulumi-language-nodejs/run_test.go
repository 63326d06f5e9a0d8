package main

import (
	"os/exec"
	"reflect"
	"strings"
	"testing"

	"google.golang.org/protobuf/types/known/structpb"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

func TestLegacyKey(t *testing.T) {
	for key, want := range map[string]string{
		"app:name":          "app:config:name",
		"app:config:name":   "app:config:name",
		"app:a:b":           "app:config:a:b",
		"nocolon":           "nocolon",
		"aws:configuration": "aws:config:configuration",
	} {
		if got := legacyKey(key); got != want {
			t.Errorf("legacyKey(%q) = %q, want %q", key, got, want)
		}
	}
}

func TestRunArgs(t *testing.T) {
	full := &pulumirpc.RunRequest{
		MonitorAddress: "127.0.0.1:1", Organization: "org", Project: "p", Stack: "-s", Pwd: "/a b", Parallel: 16, DryRun: true,
		Args: []string{"x"}, Info: &pulumirpc.ProgramInfo{RootDirectory: "/r", EntryPoint: "main.ts"},
	}
	want := []string{
		"--monitor=127.0.0.1:1", "--engine=127.0.0.1:2", "--organization=org", "--project=p", "--stack=-s", "--root-directory=/r",
		"--pwd=/a b", "--parallel=16", "--dry-run", "--tracing=file:t", "main.ts", "x",
	}
	if got := runArgs(full, "127.0.0.1:2", "file:t"); !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := runArgs(&pulumirpc.RunRequest{MonitorAddress: "m"}, "", ""), []string{"--monitor=m", "."}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRunEnv(t *testing.T) {
	env, err := runEnv(&pulumirpc.RunRequest{
		Config:           map[string]string{"app:obj": `{"a":1}`, "app:secret": "s"},
		ConfigSecretKeys: []string{"app:secret"},
	}, options{typescript: true, tsconfig: "other.json"})
	want := []string{
		`PULUMI_CONFIG={"app:config:obj":"{\"a\":1}","app:config:secret":"s"}`,
		`PULUMI_CONFIG_SECRET_KEYS=["app:config:secret"]`,
		"PULUMI_NODEJS_TYPESCRIPT=true",
		"PULUMI_NODEJS_TSCONFIG_PATH=other.json",
	}
	if err != nil || !reflect.DeepEqual(env, want) {
		t.Errorf("got %q, %v, want %q", env, err, want)
	}
	// No configuration is an empty object and an empty list: the SDK parses whatever is there.
	env, _ = runEnv(&pulumirpc.RunRequest{}, options{})
	if want := []string{"PULUMI_CONFIG={}", "PULUMI_CONFIG_SECRET_KEYS=[]", "PULUMI_NODEJS_TYPESCRIPT=false"}; !reflect.DeepEqual(env, want) {
		t.Errorf("got %q, want %q", env, want)
	}
}

func TestRunResponse(t *testing.T) {
	for script, want := range map[string]*pulumirpc.RunResponse{
		"exit 0":        {},
		"exit 32":       {Bail: true},
		"exit 3":        {Error: "the program exited with code 3"},
		"kill -KILL $$": {Error: "the program was ended from outside (signal: killed)"},
	} {
		got, err := runResponse(exec.Command("sh", "-c", script).Run())
		if err != nil || got.Error != want.Error || got.Bail != want.Bail {
			t.Errorf("%s: got %v, %v, want %v", script, got, err, want)
		}
	}
	if _, err := runResponse(exec.Command("/nonexistent/node").Run()); err == nil {
		t.Error("a program that cannot be started is an error of the call")
	}
}

func TestParseOptions(t *testing.T) {
	parse := func(values map[string]any) (options, error) {
		s, err := structpb.NewStruct(values)
		if err != nil {
			t.Fatal(err)
		}
		return parseOptions(&pulumirpc.ProgramInfo{Options: s})
	}
	for _, test := range []struct {
		values map[string]any
		want   options
	}{
		{nil, options{typescript: true}},
		{map[string]any{"typescript": false}, options{}},
		{map[string]any{"typescript": "false"}, options{}},
		{map[string]any{"nodeargs": ` --require "/a b/hook.js"  --title='x y' `},
			options{typescript: true, nodeargs: []string{"--require", "/a b/hook.js", "--title=x y"}}},
		{map[string]any{"tsconfig": "t.json", "packagemanager": "pnpm", "unknown": 1.0},
			options{typescript: true, tsconfig: "t.json", packagemanager: "pnpm"}},
	} {
		got, err := parse(test.values)
		if err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%v: got %+v, %v, want %+v", test.values, got, err, test.want)
		}
	}
	for _, values := range []map[string]any{{"typescript": "maybe"}, {"nodeargs": `--require "x`}, {"nodeargs": 3.0}, {"tsconfig": true}} {
		if _, err := parse(values); err == nil || !strings.Contains(err.Error(), "runtime option") {
			t.Errorf("%v: got error %v, want one that names the option", values, err)
		}
	}
}

func TestPolicyPackArgs(t *testing.T) {
	got := policyPackArgs("/pack", []string{"--logtostderr", "-v=9", "127.0.0.1:5"})
	if want := []string{"127.0.0.1:5", "/pack"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPolicyPackEnv(t *testing.T) {
	env, err := policyPackEnv(&pulumirpc.AnalyzerStackConfigureRequest{
		Stack: "dev", Project: "p", DryRun: true, Config: map[string]string{"p:k": "v"}, ConfigSecretKeys: []string{"p:k"},
	})
	want := []string{
		`PULUMI_CONFIG={"p:config:k":"v"}`, `PULUMI_CONFIG_SECRET_KEYS=["p:config:k"]`,
		"PULUMI_NODEJS_PROJECT=p", "PULUMI_PROJECT=p", "PULUMI_NODEJS_STACK=dev", "PULUMI_STACK=dev",
		"PULUMI_NODEJS_DRY_RUN=true", "PULUMI_DRY_RUN=true",
	}
	if err != nil || !reflect.DeepEqual(env, want) {
		t.Errorf("got %q, %v, want %q", env, err, want)
	}
	if env, err := policyPackEnv(nil); env != nil || err != nil {
		t.Errorf("without a stack: got %q, %v", env, err)
	}
}

func TestInstallCommand(t *testing.T) {
	for _, test := range []struct {
		wanted, lockFile, want string
	}{
		{"", "", "npm install"},
		{"", "package-lock.json", "npm ci"},
		{"", "npm-shrinkwrap.json", "npm ci"},
		{"", "yarn.lock", "yarn install --frozen-lockfile"},
		{"npm", "yarn.lock", "npm install"},
		{"pnpm", "pnpm-lock.yaml", "pnpm install --frozen-lockfile"},
		{"bun", "", "bun install"},
	} {
		files := map[string]string{}
		if test.lockFile != "" {
			files[test.lockFile] = ""
		}
		got, err := installCommand(test.wanted, tree(t, files))
		if err != nil || strings.Join(got, " ") != test.want {
			t.Errorf("%q with %q: got %q, %v, want %q", test.wanted, test.lockFile, got, err, test.want)
		}
	}
	if _, err := installCommand("nosuch", t.TempDir()); err == nil {
		t.Error("an unknown package manager must be reported")
	}
}
