//go:build tools

// What is built from this module besides its own command: the programs in the images of the tests' pods.
package main

import (
	_ "k8s.io/kubernetes/test/images/agnhost"
	_ "k8s.io/kubernetes/test/images/nonewprivs"
)
