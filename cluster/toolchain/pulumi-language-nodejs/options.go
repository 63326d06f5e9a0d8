package main

import (
	"fmt"
	"strconv"

	"github.com/kballard/go-shellquote"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// options are the settings under `runtime.options` in Pulumi.yaml.
type options struct {
	typescript     bool     // let the SDK load TypeScript through ts-node
	tsconfig       string   // a tsconfig.json elsewhere
	nodeargs       []string // arguments for node itself
	packagemanager string   // which one installs dependencies
}

func parseOptions(info *pulumirpc.ProgramInfo) (options, error) {
	opts := options{typescript: true}
	for name, value := range info.GetOptions().AsMap() {
		var err error
		switch name {
		case "typescript":
			opts.typescript, err = boolOption(value)
		case "tsconfig":
			opts.tsconfig, err = stringOption(value)
		case "nodeargs":
			var line string
			if line, err = stringOption(value); err == nil {
				// As a shell would split it, so that quotes keep a path with spaces in one piece.
				opts.nodeargs, err = shellquote.Split(line)
			}
		case "packagemanager":
			opts.packagemanager, err = stringOption(value)
		}
		if err != nil {
			return options{}, fmt.Errorf("runtime option %q: %w", name, err)
		}
	}
	return opts, nil
}

// boolOption also takes text, because the option is easily quoted in YAML.
func boolOption(value any) (bool, error) {
	switch value := value.(type) {
	case bool:
		return value, nil
	case string:
		if parsed, err := strconv.ParseBool(value); err == nil {
			return parsed, nil
		}
	}
	return false, fmt.Errorf("want true or false, got %v", value)
}

func stringOption(value any) (string, error) {
	text, ok := value.(string)
	if !ok {
		return "", fmt.Errorf("want text, got %v", value)
	}
	return text, nil
}
