package app

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml"

	"github.com/ficushealth/ficus/fault"
)

// configFile is the flag that names a file of settings. Flags and environment win over it.
type configFile string

// BeforeResolve is called by kong before values are looked for anywhere.
func (c configFile) BeforeResolve(k *kong.Kong, ctx *kong.Context, trace *kong.Path) error {
	path, _ := ctx.FlagValue(trace.Flag).(configFile)
	if path == "" {
		return nil
	}
	values, err := readConfig(string(path), flagNames(k.Model.Node))
	if err != nil {
		return err
	}
	ctx.AddResolver(kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		if inEnvironment(flag) {
			return nil, nil
		}
		return values[flag.Name], nil
	}))
	return nil
}

// inEnvironment reports whether a variable sets the flag; kong would let the file win over it.
func inEnvironment(flag *kong.Flag) bool {
	for _, name := range flag.Envs {
		if _, set := os.LookupEnv(name); set {
			return true
		}
	}
	return false
}

// readConfig reads a flat YAML file. Faults: Invalid for a key that is no flag.
func readConfig(path string, names []string) (map[string]any, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	values := map[string]any{}
	if err := yaml.Unmarshal(text, &values); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for key, value := range values {
		if !slices.Contains(names, key) {
			return nil, fault.New(fault.Invalid, "%s: there is no setting %q; the settings are the long flags: %s", path, key, strings.Join(names, ", "))
		}
		values[key] = fmt.Sprint(value)
	}
	return values, nil
}

// flagNames lists the long flags of a command and all below it.
func flagNames(n *kong.Node) []string {
	var names []string
	for _, f := range n.Flags {
		if f.Name != "help" && f.Name != "config" && f.Name != "version" {
			names = append(names, f.Name)
		}
	}
	for _, child := range n.Children {
		names = append(names, flagNames(child)...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
