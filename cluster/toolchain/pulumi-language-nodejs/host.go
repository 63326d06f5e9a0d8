package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync"

	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/version"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// host answers the engine. Methods that the embedded type answers with "not implemented" are ones that the engine does without:
// it takes that as no prompts (RuntimeOptionsPrompts) and nothing to change (Template) in `pulumi new`.
type host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer

	// life ends when the host is told to end or the engine is gone; every child ends with it.
	life context.Context
	end  context.CancelFunc

	// operations ends on the engine's Cancel call. Programs and installations end with it. Plugins do not: the engine tells
	// each of them to cancel itself, and closes them when they have.
	operations       context.Context
	cancelOperations context.CancelFunc

	tracing string

	mutex  sync.Mutex
	engine string
}

func newHost(life context.Context, end context.CancelFunc, tracing string) *host {
	operations, cancel := context.WithCancel(life)
	return &host{life: life, end: end, operations: operations, cancelOperations: cancel, tracing: tracing}
}

// watchEngine remembers the engine's address and ends the host when the engine no longer answers there. Only the first address
// counts: a started host gets it as an argument and may be told the same one again.
func (h *host) watchEngine(address string) error {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.engine != "" {
		return nil
	}
	h.engine = address
	return rpcutil.Healthcheck(h.life, address, engineCheckInterval, h.end)
}

func (h *host) engineAddress() string {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return h.engine
}

func (h *host) Handshake(_ context.Context, req *pulumirpc.LanguageHandshakeRequest) (*pulumirpc.LanguageHandshakeResponse, error) {
	if err := h.watchEngine(req.EngineAddress); err != nil {
		return nil, err
	}
	return &pulumirpc.LanguageHandshakeResponse{}, nil
}

// GetPluginInfo answers with the version of the SDK that this was built on, which the build links in.
func (h *host) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: strings.TrimPrefix(version.Version, "v")}, nil
}

func (h *host) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	h.cancelOperations()
	return &emptypb.Empty{}, nil
}

// About is what `pulumi about` prints of the runtime.
func (h *host) About(ctx context.Context, _ *pulumirpc.AboutRequest) (*pulumirpc.AboutResponse, error) {
	node, err := nodePath()
	if err != nil {
		return nil, err
	}
	out, err := exec.CommandContext(ctx, node, "--version").Output()
	if err != nil {
		return nil, fmt.Errorf("%s --version: %w", node, err)
	}
	return &pulumirpc.AboutResponse{Executable: node, Version: strings.TrimSpace(string(out))}, nil
}

func (h *host) GetRequiredPackages(_ context.Context, req *pulumirpc.GetRequiredPackagesRequest) (*pulumirpc.GetRequiredPackagesResponse, error) {
	packages, err := requiredPackages(req.GetInfo().GetProgramDirectory())
	if err != nil {
		return nil, err
	}
	return &pulumirpc.GetRequiredPackagesResponse{Packages: packages}, nil
}

func (h *host) GetProgramDependencies(_ context.Context, req *pulumirpc.GetProgramDependenciesRequest) (*pulumirpc.GetProgramDependenciesResponse, error) {
	dependencies, err := programDependencies(req.GetInfo().GetProgramDirectory(), req.TransitiveDependencies)
	if err != nil {
		return nil, err
	}
	return &pulumirpc.GetProgramDependenciesResponse{Dependencies: dependencies}, nil
}

func nodePath() (string, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return "", errors.New("Node.js is needed to run this program, and there is no `node` on PATH")
	}
	return node, nil
}
