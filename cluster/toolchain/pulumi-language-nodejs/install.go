package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// InstallDependencies installs a program's packages and shows what the package manager prints while it does.
func (h *host) InstallDependencies(req *pulumirpc.InstallDependenciesRequest, stream pulumirpc.LanguageRuntime_InstallDependenciesServer) error {
	opts, err := parseOptions(req.Info)
	if err != nil {
		return err
	}
	directory := req.GetInfo().GetProgramDirectory()
	if directory == "" {
		directory = req.Directory
	}
	line, err := installCommand(opts.packagemanager, directory)
	if err != nil {
		return err
	}
	path, err := exec.LookPath(line[0])
	if err != nil {
		return fmt.Errorf("cannot install the dependencies of %s: there is no `%s` on PATH", directory, line[0])
	}

	server := &lockedInstallStream{LanguageRuntime_InstallDependenciesServer: stream}
	closer, stdout, stderr, err := rpcutil.MakeInstallDependenciesStreams(server, req.IsTerminal)
	if err != nil {
		return err
	}
	// Closing also sends what a terminal still holds, so it has to happen before this call returns.
	defer closer.Close()

	cmd, ctx, cancel := command(stream.Context(), h.operations, path, line[1:]...)
	defer cancel()
	cmd.Dir = directory
	cmd.Stdout, cmd.Stderr = stdout, stderr
	err = supervise(cmd, cmd.Wait)
	if ctx.Err() != nil {
		return status.Error(codes.Canceled, "the installation was cancelled")
	}
	if err != nil {
		return fmt.Errorf("`%s` failed in %s: %w", strings.Join(line, " "), directory, err)
	}
	return nil
}

// packageManager is a tool that installs packages, and the lock files it keeps.
type packageManager struct {
	name      string
	lockFiles []string
	install   []string // without a lock file
	locked    []string // exactly what the lock file says
}

var packageManagers = []packageManager{
	{"npm", []string{"package-lock.json", "npm-shrinkwrap.json"}, []string{"install"}, []string{"ci"}},
	{"yarn", []string{"yarn.lock"}, []string{"install"}, []string{"install", "--frozen-lockfile"}},
	{"pnpm", []string{"pnpm-lock.yaml"}, []string{"install"}, []string{"install", "--frozen-lockfile"}},
	{"bun", []string{"bun.lock", "bun.lockb"}, []string{"install"}, []string{"install", "--frozen-lockfile"}},
}

// installCommand is the command line for the package manager that was asked for, or else the one whose lock file is there, or
// else npm. A lock file is obeyed, so that a program gets the same packages everywhere.
func installCommand(wanted, directory string) ([]string, error) {
	for _, manager := range packageManagers {
		if wanted != "" && wanted != manager.name {
			continue
		}
		for _, lockFile := range manager.lockFiles {
			if _, err := os.Stat(filepath.Join(directory, lockFile)); err == nil {
				return append([]string{manager.name}, manager.locked...), nil
			}
		}
		if wanted != "" {
			return append([]string{manager.name}, manager.install...), nil
		}
	}
	if wanted != "" {
		return nil, fmt.Errorf("runtime option \"packagemanager\": want npm, yarn, pnpm or bun, got %q", wanted)
	}
	return []string{"npm", "install"}, nil
}

// lockedInstallStream lets stdout and stderr be sent from two goroutines, which a gRPC stream does not allow by itself.
type lockedInstallStream struct {
	pulumirpc.LanguageRuntime_InstallDependenciesServer
	mutex sync.Mutex
}

func (s *lockedInstallStream) Send(response *pulumirpc.InstallDependenciesResponse) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.LanguageRuntime_InstallDependenciesServer.Send(response)
}
