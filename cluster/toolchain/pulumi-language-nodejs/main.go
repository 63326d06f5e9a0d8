// Command pulumi-language-nodejs is a Pulumi language host: the small program that the Pulumi engine starts to run programs
// written for Node.js. It speaks the engine's public protocol and starts the same `@pulumi/pulumi/cmd/run` as the official host,
// so a program sees no difference. It exists for machines where the official host cannot be downloaded.
//
// Left out, because nothing here needs it: making SDKs from schemas and converting programs (GeneratePackage, GenerateProgram,
// GenerateProject, Link, Pack), which would pull the whole code generator into the binary. The engine says that they are not
// implemented when `pulumi package add` or `pulumi convert` asks for them. Debugger attachment is refused with a message.
// Linux and macOS only: it relies on process groups.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"google.golang.org/grpc"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/cmdutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/logging"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// How often to ask the engine whether it still lives. A call in progress notices at once that its connection is gone; this is
// for an engine that dies while the host has nothing to do.
const engineCheckInterval = 2 * time.Second

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-language-nodejs:", err)
		os.Exit(1)
	}
}

func serve() error {
	tracing := flag.String("tracing", "", "where to send traces")
	flag.Parse() // -v and --logtostderr, which the engine may pass too, are the logging package's own
	logging.InitLogging(false, 0, false)
	cmdutil.InitTracing("pulumi-language-nodejs", "pulumi-language-nodejs", *tracing)
	defer cmdutil.CloseTracing()

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()

	host := newHost(ctx, stop, *tracing)
	// The engine gives its address as the last argument, or, when it attaches to a host that already runs, in the handshake.
	if address := flag.Arg(flag.NArg() - 1); address != "" {
		if err := host.watchEngine(address); err != nil {
			return fmt.Errorf("cannot watch the engine at %s: %w", address, err)
		}
	}

	cancel := make(chan bool)
	context.AfterFunc(ctx, func() { close(cancel) })
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: cancel,
		Init: func(server *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(server, host)
			return nil
		},
		Options: rpcutil.TracingServerInterceptorOptions(nil),
	})
	if err != nil {
		return err
	}
	// The first line on stdout is the engine's only way to learn the port.
	fmt.Printf("%d\n", handle.Port)

	err = <-handle.Done
	endProcessGroup()
	return err
}
