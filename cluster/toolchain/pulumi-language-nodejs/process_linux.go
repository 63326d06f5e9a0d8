package main

import (
	"os/exec"
	"syscall"
)

// dieWithHost has the kernel kill the child when the host is killed and cannot do so itself. Nobody would be left to kill a child
// that ignores TERM, hence KILL.
func dieWithHost(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
