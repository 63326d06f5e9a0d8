package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pulumi/pulumi/sdk/v3"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// RunPlugin runs a plugin written for Node.js until the engine has done with it: a policy pack or a provider.
func (h *host) RunPlugin(req *pulumirpc.RunPluginRequest, stream pulumirpc.LanguageRuntime_RunPluginServer) error {
	if req.AttachDebugger {
		return status.Error(codes.Unimplemented, "this Node.js language host cannot attach a debugger")
	}
	server := &lockedPluginStream{LanguageRuntime_RunPluginServer: stream}
	closer, stdout, stderr, err := rpcutil.MakeRunPluginStreams(server, false)
	if err != nil {
		return err
	}
	defer closer.Close()

	if req.Kind == "analyzer" {
		err = h.runPolicyPack(stream.Context(), req, stdout, stderr)
	} else {
		err = h.runProvider(stream.Context(), req, stdout, stderr)
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return server.Send(&pulumirpc.RunPluginResponse{
			Output: &pulumirpc.RunPluginResponse_Exitcode{Exitcode: int32(exit.ExitCode())},
		})
	}
	return err
}

func (h *host) runProvider(ctx context.Context, req *pulumirpc.RunPluginRequest, stdout, stderr io.Writer) error {
	cmd, ctx, cancel, err := h.pluginCommand(ctx, req, "cmd/run-plugin", func(directory string) []string {
		return append([]string{directory}, req.Args...)
	})
	if err != nil {
		return err
	}
	defer cancel()
	cmd.Dir = req.Pwd
	cmd.Env = req.Env
	cmd.Stdout, cmd.Stderr = stdout, stderr
	err = supervise(cmd, cmd.Wait)
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// runPolicyPack starts a pack only when the engine has said which stack it is for. The SDK's policy packs read that from their
// environment, while the engine tells it in a call to the running plugin: a proxy takes the call, and then passes everything
// else on to the pack.
func (h *host) runPolicyPack(ctx context.Context, req *pulumirpc.RunPluginRequest, stdout, stderr io.Writer) error {
	cmd, ctx, cancel, err := h.pluginCommand(ctx, req, "cmd/run-policy-pack", func(directory string) []string {
		return policyPackArgs(directory, req.Args)
	})
	if err != nil {
		// The engine recognizes this line and tells the user to install the pack's dependencies.
		if errors.Is(err, errSdkMissing) {
			fmt.Fprintln(stderr, "Cannot find module '@pulumi/pulumi/cmd/run-policy-pack'")
		}
		return err
	}
	defer cancel()

	proxy, packStdout, err := sdk.NewPolicyProxy(ctx, stdout)
	if err != nil {
		return err
	}
	stack, err := proxy.AwaitConfiguration(ctx)
	if err != nil {
		return endedOr(ctx, err)
	}
	env, err := policyPackEnv(stack)
	if err != nil {
		return err
	}
	// The pack's own directory, so that its modules are found and its tsconfig.json counts, not the program's.
	cmd.Dir = req.GetInfo().GetProgramDirectory()
	cmd.Env = append(req.Env, env...)
	cmd.Stdout, cmd.Stderr = packStdout, stderr
	// Attach waits for the process. It must not stop waiting on cancellation: the process then still has to be seen to its end.
	err = supervise(cmd, func() error { return proxy.Attach(context.WithoutCancel(ctx), cmd) })
	return endedOr(ctx, err)
}

// endedOr hides the consequences of ending a plugin on request.
func endedOr(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func (h *host) pluginCommand(ctx context.Context, req *pulumirpc.RunPluginRequest, module string, args func(directory string) []string,
) (*exec.Cmd, context.Context, context.CancelFunc, error) {
	opts, err := parseOptions(req.Info)
	if err != nil {
		return nil, nil, nil, err
	}
	node, err := nodePath()
	if err != nil {
		return nil, nil, nil, err
	}
	directory, err := filepath.Abs(req.GetInfo().GetProgramDirectory())
	if err != nil {
		return nil, nil, nil, err
	}
	runner, err := sdkModule(ctx, node, directory, module)
	if err != nil {
		return nil, nil, nil, err
	}
	line := append(append([]string{}, opts.nodeargs...), runner)
	cmd, ctx, cancel := command(ctx, h.life, node, append(line, args(directory)...)...)
	return cmd, ctx, cancel, nil
}

// policyPackArgs are the engine's address, always the last of its arguments, and the pack. The log flags before it are left out:
// the SDK's runner does not know them and would take the address for the value of the last one.
func policyPackArgs(directory string, args []string) []string {
	engine := ""
	if len(args) > 0 {
		engine = args[len(args)-1]
	}
	return []string{engine, directory}
}

// policyPackEnv is the stack as the SDK expects to read it in a pack. There is none when the engine only wants to know a pack.
func policyPackEnv(stack *pulumirpc.AnalyzerStackConfigureRequest) ([]string, error) {
	if stack == nil {
		return nil, nil
	}
	config, secretKeys, err := configEnv(stack.Config, stack.ConfigSecretKeys)
	if err != nil {
		return nil, err
	}
	env := []string{config, secretKeys}
	for _, variable := range []struct{ name, value string }{
		{"ORGANIZATION", stack.Organization},
		{"PROJECT", stack.Project},
		{"STACK", stack.Stack},
		{"DRY_RUN", strconv.FormatBool(stack.DryRun)},
	} {
		if variable.value != "" {
			env = append(env, "PULUMI_NODEJS_"+variable.name+"="+variable.value, "PULUMI_"+variable.name+"="+variable.value)
		}
	}
	return env, nil
}

// lockedPluginStream lets stdout and stderr be sent from two goroutines, which a gRPC stream does not allow by itself.
type lockedPluginStream struct {
	pulumirpc.LanguageRuntime_RunPluginServer
	mutex sync.Mutex
}

func (s *lockedPluginStream) Send(response *pulumirpc.RunPluginResponse) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.LanguageRuntime_RunPluginServer.Send(response)
}
