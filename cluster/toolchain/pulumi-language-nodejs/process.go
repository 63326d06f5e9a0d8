package main

import (
	"context"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

// How long a child may take to end after TERM before it is killed. The engine gives the host itself five seconds, so this must
// be shorter, or the engine would kill the host before the host has killed its child.
const killDelay = 3 * time.Second

// command prepares a child that ends with either context: TERM first, KILL if that does not help.
//
// The child stays in the host's process group on purpose. The engine puts the host in a group of its own, interrupts that group
// when it is done and kills it if it does not end, so one signal reaches node and whatever node has started, even when the host
// is stuck. A Ctrl-C at the terminal goes to the engine only.
func command(request, life context.Context, name string, args ...string) (*exec.Cmd, context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(request)
	stop := context.AfterFunc(life, cancel)
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = killDelay
	dieWithHost(cmd)
	return cmd, ctx, func() { stop(); cancel() }
}

// supervise starts the child and waits for it. On Linux the child is also bound to the host's life by the kernel, which ties it
// to the thread that started it: that thread must not go away while the child lives.
func supervise(cmd *exec.Cmd, wait func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		return err
	}
	return wait()
}

// endProcessGroup tells what node has left behind to end too. Only when the group is the host's own, as it is under the engine:
// a host started by hand shares its group with the shell's other commands.
func endProcessGroup() {
	if syscall.Getpgrp() != syscall.Getpid() {
		return
	}
	signal.Ignore(syscall.SIGTERM)
	_ = syscall.Kill(0, syscall.SIGTERM)
}
