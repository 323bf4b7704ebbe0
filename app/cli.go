package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/ficushealth/ficus/fault"
)

// CLI is the command line: one field for each command.
type CLI struct {
	Config  configFile       `help:"Read settings from this YAML file. The keys are the names of the flags." placeholder:"FILE" short:"c"`
	Version kong.VersionFlag `help:"Print the version and stop." env:"-"`

	Demo     demoCommand     `cmd:"" help:"Show it all: migrate a made-up legacy database, prove it and serve it."`
	Serve    serveCommand    `cmd:"" help:"Serve the FHIR R4 interface over HTTP."`
	Load     loadCommand     `cmd:"" help:"Load FHIR files: resources, bundles, folders, JSON, XML, .ndjson, also .gz, .bz2 and .zst."`
	Migrate  migrateCommand  `cmd:"" help:"Move a legacy database into Ficus and prove that nothing was lost."`
	Admin    adminCommand    `cmd:"" help:"Look after tenants, users, roles, tokens, packages of FHIR, the search index and settings."`
	Audit    auditCommand    `cmd:"" help:"Check, list and prune the audit log."`
	Backup   backupCommand   `cmd:"" help:"Write the database into one file, beside a server at work."`
	Restore  restoreCommand  `cmd:"" help:"Fill an empty database from a backup, or try whether a backup can be restored."`
	FHIRPath fhirpathCommand `cmd:"" name:"fhirpath" help:"Evaluate a FHIRPath expression on a resource in a file."`
	Bench    benchCommand    `cmd:"" help:"Measure the server against the raw limit of the machine."`
}

// Streams is where a command reads and writes.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer // results; progress, logs and errors
}

// The exit codes (docs/configuration.md).
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// Run runs the program with its arguments, without its name, and returns the exit code.
func Run(ctx context.Context, args []string, s Streams) (code int) {
	defer func() {
		if e, is := recover().(exit); is {
			code = int(e)
		}
	}()
	var cli CLI
	parser, err := newParser(&cli, s)
	if err != nil {
		return failed(s, err)
	}
	command, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(s.Err, "ficus: %v\nTry ficus --help.\n", err) //nolint:errcheck // there is nowhere else to say it
		return exitUsage
	}
	command.BindTo(ctx, (*context.Context)(nil))
	if err := command.Run(&s); err != nil {
		return failed(s, err)
	}
	return exitDone
}

// exit is how kong leaves after --help and --version.
type exit int

func newParser(cli *CLI, s Streams) (*kong.Kong, error) {
	return kong.New(cli,
		kong.Name("ficus"),
		kong.Description("A patient platform that grows around the system that a hospital already has."),
		kong.Writers(s.Out, s.Err),
		kong.Exit(func(code int) { panic(exit(code)) }),
		kong.DefaultEnvars("FICUS"),
		kong.Vars{"version": Version()},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, Summary: true}),
		kong.ValueFormatter(described),
	)
}

// described is the help of a flag. Where its form stands in place of its default, as in --db=URL, the default is told too.
func described(v *kong.Value) string {
	if v.Flag == nil || v.Flag.PlaceHolder == "" || v.Default == "" {
		return kong.DefaultHelpValueFormatter(v)
	}
	told := *v
	told.Help += " Default: " + v.Default
	return kong.DefaultHelpValueFormatter(&told)
}

// failed says what went wrong. On a terminal the inner text is shown: it is the operator who reads it.
func failed(s Streams, err error) int {
	fmt.Fprintf(s.Err, "ficus: %v\n", err) //nolint:errcheck // there is nowhere else to say it
	if f := fault.Find(err); f != nil {
		for _, i := range f.Issues {
			if place := placeOf(i); place != "" && !strings.Contains(err.Error(), i.Text) {
				fmt.Fprintf(s.Err, "  %s: %s\n", place, i.Text) //nolint:errcheck // see above
			}
		}
	}
	if _, is := errors.AsType[wrongly](err); is {
		return exitUsage
	}
	return exitFailed
}

func placeOf(i fault.Issue) string {
	switch {
	case i.Line > 0 && i.Expression != "":
		return fmt.Sprintf("line %d, column %d, %s", i.Line, i.Col, i.Expression)
	case i.Line > 0:
		return fmt.Sprintf("line %d, column %d", i.Line, i.Col)
	}
	return i.Expression
}
