package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// loggedExitCode is how the SDK's runners say "it failed, and the user has been told why": the engine then adds nothing.
const loggedExitCode = 32

// Run runs a program. It returns when the program has registered everything it wants; failures of the program itself are
// answers, not errors of the call.
func (h *host) Run(ctx context.Context, req *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	if req.AttachDebugger {
		return nil, status.Error(codes.Unimplemented, "this Node.js language host cannot attach a debugger")
	}
	opts, err := parseOptions(req.Info)
	if err != nil {
		return nil, err
	}
	node, err := nodePath()
	if err != nil {
		return nil, err
	}
	runner, err := sdkModule(ctx, node, req.GetInfo().GetProgramDirectory(), "cmd/run")
	if err != nil {
		return nil, err
	}
	env, err := runEnv(req, opts)
	if err != nil {
		return nil, err
	}

	args := append(append([]string{}, opts.nodeargs...), runner)
	args = append(args, runArgs(req, h.engineAddress(), h.tracing)...)
	cmd, ctx, cancel := command(ctx, h.operations, node, args...)
	defer cancel()
	cmd.Dir = req.Pwd
	cmd.Env = append(os.Environ(), env...)
	// The engine reads the host's own streams and shows them as the program's. The child gets the very same files, so nothing
	// is copied and nothing is lost at the end.
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr

	err = supervise(cmd, cmd.Wait)
	if ctx.Err() != nil {
		return nil, status.Error(codes.Canceled, "the program was cancelled")
	}
	return runResponse(err)
}

// runArgs are the arguments of the SDK's runner. Joined with "=", because the runner's parser takes a separate value that starts
// with a dash for another option.
func runArgs(req *pulumirpc.RunRequest, engine, tracing string) []string {
	var args []string
	add := func(name, value string) {
		if value != "" {
			args = append(args, "--"+name+"="+value)
		}
	}
	// The engine's own monitor, so that the program can register callbacks such as stack-wide transforms with it.
	add("monitor", req.MonitorAddress)
	add("engine", engine)
	add("organization", req.Organization)
	add("project", req.Project)
	add("stack", req.Stack)
	add("root-directory", req.GetInfo().GetRootDirectory())
	add("pwd", req.Pwd)
	if req.Parallel > 0 {
		add("parallel", strconv.Itoa(int(req.Parallel)))
	}
	if req.DryRun {
		args = append(args, "--dry-run")
	}
	add("tracing", tracing)

	entryPoint := req.GetInfo().GetEntryPoint()
	if entryPoint == "" {
		entryPoint = "."
	}
	return append(append(args, entryPoint), req.Args...)
}

// runEnv is what the SDK expects in a program's environment, beside the host's own.
func runEnv(req *pulumirpc.RunRequest, opts options) ([]string, error) {
	config, secretKeys, err := configEnv(req.Config, req.ConfigSecretKeys)
	if err != nil {
		return nil, err
	}
	env := []string{config, secretKeys, "PULUMI_NODEJS_TYPESCRIPT=" + strconv.FormatBool(opts.typescript)}
	if opts.tsconfig != "" {
		env = append(env, "PULUMI_NODEJS_TSCONFIG_PATH="+opts.tsconfig)
	}
	return env, nil
}

// configEnv is a stack's configuration as the SDK reads it.
func configEnv(values map[string]string, secretKeys []string) (config, secrets string, err error) {
	legacy := make(map[string]string, len(values))
	for key, value := range values {
		legacy[legacyKey(key)] = value
	}
	legacySecrets := make([]string, 0, len(secretKeys)) // an empty list must be [], not null
	for _, key := range secretKeys {
		legacySecrets = append(legacySecrets, legacyKey(key))
	}
	configJSON, err := json.Marshal(legacy)
	if err != nil {
		return "", "", err
	}
	secretsJSON, err := json.Marshal(legacySecrets)
	if err != nil {
		return "", "", err
	}
	return "PULUMI_CONFIG=" + string(configJSON), "PULUMI_CONFIG_SECRET_KEYS=" + string(secretsJSON), nil
}

// legacyKey gives a configuration key the form "namespace:config:name". The SDK accepts both forms, old provider packages only
// this one.
func legacyKey(key string) string {
	namespace, name, found := strings.Cut(key, ":")
	if !found || strings.HasPrefix(name, "config:") {
		return key
	}
	return namespace + ":config:" + name
}

// runResponse turns the way the program ended into the engine's terms.
func runResponse(err error) (*pulumirpc.RunResponse, error) {
	if err == nil {
		return &pulumirpc.RunResponse{}, nil
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return nil, fmt.Errorf("cannot run the program: %w", err)
	}
	switch code := exit.ExitCode(); code {
	case loggedExitCode:
		return &pulumirpc.RunResponse{Bail: true}, nil
	case -1:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("the program was ended from outside (%s)", exit)}, nil
	default:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("the program exited with code %d", code)}, nil
	}
}
