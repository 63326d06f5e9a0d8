package main

import (
	"os/exec"
	"syscall"
)

// dieWithHost has the kernel end the child when the host is killed with no chance to do so itself.
func dieWithHost(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
}
