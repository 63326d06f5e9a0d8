// Reads one JSON value a line, and prints what Kubernetes makes of it, as a line of JSON: of a string, the quantity that it is;
// of a pod, its requests and limits in all. Null is what Kubernetes refuses.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// The value is unscaled * 10^-scale; unscaled is a string as it may be too long for a number of JSON.
type value struct {
	Unscaled string `json:"unscaled"`
	Scale    int32  `json:"scale"`
}

func valueOf(quantity resource.Quantity) value {
	decimal := quantity.AsDec()
	return value{decimal.UnscaledBig().String(), int32(decimal.Scale())}
}

func answer(line []byte) (any, error) {
	var text string
	if json.Unmarshal(line, &text) == nil {
		quantity, err := resource.ParseQuantity(text)
		if err != nil {
			return nil, nil
		}
		return valueOf(quantity), nil
	}
	var pod v1.Pod
	if err := json.Unmarshal(line, &pod); err != nil {
		return nil, err
	}
	return totals(&pod), nil
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<16), 1<<24)
	writer := bufio.NewWriter(os.Stdout)
	defer writer.Flush()
	out := json.NewEncoder(writer)
	for in.Scan() {
		result, err := answer(in.Bytes())
		if err == nil {
			err = out.Encode(result)
		}
		if err != nil {
			fail(err)
		}
	}
	if err := in.Err(); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
