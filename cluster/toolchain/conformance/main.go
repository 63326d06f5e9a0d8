// Command conformance runs the Kubernetes project's own tests of a cluster: those of its end-to-end suite that need no cloud, and
// not its volume plugins. It takes the suite's flags, of which --ginkgo.focus says what is run.
//
// As soon as a test has ended it writes a line of JSON to the file descriptor 3. With --images it prints the names of the images
// that the tests' pods may ask for, and runs nothing.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	"k8s.io/kubernetes/test/e2e"
	_ "k8s.io/kubernetes/test/e2e/common"
	_ "k8s.io/kubernetes/test/e2e/feature" // the names of features that tests are marked with
	"k8s.io/kubernetes/test/e2e/framework"
	"k8s.io/kubernetes/test/e2e/framework/config"
	_ "k8s.io/kubernetes/test/e2e/framework/debug/init" // what happened in a failed test's namespace
	_ "k8s.io/kubernetes/test/e2e/framework/node/init"  // a test waits until the node is ready
	_ "k8s.io/kubernetes/test/e2e/network"
	_ "k8s.io/kubernetes/test/e2e/node"
	_ "k8s.io/kubernetes/test/e2e/storage"
	"k8s.io/kubernetes/test/utils/image"
)

// result is what is told of a test that ran.
type result struct {
	Name  string `json:"name"`
	State string `json:"state"`
	// How long it took.
	Seconds float64 `json:"seconds"`
	// Why it was skipped or failed.
	Message string `json:"message,omitempty"`
	// Where it failed.
	Location string `json:"location,omitempty"`
	// All that a failed test wrote, with the events of its namespace.
	Output string `json:"output,omitempty"`
}

var results = json.NewEncoder(os.NewFile(3, "results"))

// tell writes what became of a test.
func tell(report ginkgo.SpecReport) {
	if report.State.Is(types.SpecStateSkipped|types.SpecStatePending) && report.Failure.Message == "" {
		return // not asked for
	}
	told := result{
		Name:    report.FullText(),
		State:   report.State.String(),
		Seconds: time.Since(report.StartTime).Seconds(),
		Message: report.Failure.Message,
	}
	if report.Failed() {
		told.Location = report.Failure.Location.String()
		told.Output = report.CapturedGinkgoWriterOutput
	}
	if err := results.Encode(told); err != nil {
		ginkgo.Fail(err.Error())
	}
}

func main() {
	images := flag.Bool("images", false, "print the names of the images that the tests' pods may ask for")
	testing.Init()
	config.CopyFlags(config.Flags, flag.CommandLine)
	framework.RegisterCommonFlags(flag.CommandLine)
	framework.RegisterClusterFlags(flag.CommandLine)
	flag.Parse()
	if *images {
		for _, image := range image.GetImageConfigs() {
			fmt.Println(image.GetE2EImage())
		}
		return
	}
	framework.AfterReadingAllFlags(&framework.TestContext)
	// Not before: it goes through all tests without running them, and they would count as passed.
	ginkgo.ReportAfterEach(tell)

	// Upstream runs its suite as a Go test, which this stands for.
	var t testing.T
	e2e.RunE2ETests(&t)
	if t.Failed() {
		os.Exit(1)
	}
}
