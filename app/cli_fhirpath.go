package app

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/path"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/validate"
	"github.com/ficushealth/ficus/fhir/xml"
	"github.com/ficushealth/ficus/load"
)

type fhirpathCommand struct {
	Expression string        `arg:"" name:"expr" help:"A FHIRPath expression, such as 'Patient.name.given'. One that begins with '-' goes behind --."`
	File       string        `arg:"" name:"file" help:"A resource of R4, as JSON or XML; - reads standard input."`
	Timeout    time.Duration `help:"Give up after this long." default:"10s" env:"-"`
}

// Help is shown by --help.
func (c *fhirpathCommand) Help() string {
	return `Each item of the result is a line: its type, a tab, and its value as JSON. Types of FHIR go by their names (code, HumanName, Patient.contact), those of FHIRPath by theirs (System.Boolean). An empty result is no line. trace() writes to standard error.

In a Bundle, resolve() finds the other entries; elsewhere a reference is known by its type alone. Value sets, code systems and profiles are those that R4 itself publishes.

The exit code is 0 when the expression was evaluated, whatever it gave; 1 when expression or file are wrong, with the place. What is no element of the type is a warning on standard error.`
}

// Run evaluates.
func (c *fhirpathCommand) Run(ctx context.Context, s *Streams) error {
	e, err := path.Compile(c.Expression)
	if err != nil {
		return placed(err, "the expression")
	}
	r, err := c.resource(s.In)
	if err != nil {
		return err
	}
	if err := checkForm(s.Err, r); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	items, err := e.Eval(&path.Context{
		Now: time.Now, Done: ctx.Done(), Trace: tracer(s.Err), Resolve: inBundle(r), MemberOf: isMember, Subsumes: covers, Conforms: conforms,
	}, path.Root(r))
	if err != nil {
		return placed(err, "the expression")
	}
	return list(s.Out, items)
}

// checkForm refuses a type that R4 does not have, and warns of what no element of the type is: neither gives any result.
func checkForm(warnings io.Writer, r fhir.Resource) error {
	if _, known := r4.ResourceIndex(r.Type()); !known {
		return fault.New(fault.Invalid, "the resourceType of the file is no type of FHIR R4")
	}
	for _, i := range validate.Base(r) {
		if i.Code == "structure" {
			fmt.Fprintf(warnings, "warning: %s: %s (line %d, column %d of the file)\n", i.Expression, i.Text, i.Line, i.Col) //nolint:errcheck // there is nowhere else to say it
		}
	}
	return nil
}

// resource reads the file.
func (c *fhirpathCommand) resource(in io.Reader) (fhir.Resource, error) {
	if c.File != "-" {
		f, err := os.Open(c.File)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return fhir.Resource{}, fault.New(fault.Unknown, "there is no file %s", c.File)
		case err != nil:
			return fhir.Resource{}, err
		}
		defer f.Close() //nolint:errcheck // nothing was written
		in = f
	}
	raw, err := io.ReadAll(in)
	if err != nil {
		return fhir.Resource{}, err
	}
	r, err := looked(raw)
	return r, placed(err, "the file")
}

// looked reads a resource in either form. It is not kept, so XML in disorder is good enough.
func looked(raw []byte) (fhir.Resource, error) {
	if load.InXML(raw) {
		return xml.ParseAnyOrder(raw, fhir.Limits{})
	}
	return fhir.Parse(raw, fhir.Limits{})
}

// placed says in the text of a fault where it is.
func placed(err error, in string) error {
	f := fault.Find(err)
	if f == nil || len(f.Issues) == 0 || f.Issues[0].Line == 0 {
		return err
	}
	return fault.New(f.Kind, "%s (line %d, column %d of %s)", f.Text, f.Issues[0].Line, f.Issues[0].Col, in)
}

// list prints the items, one on a line.
func list(out io.Writer, items []path.Node) error {
	w := bufio.NewWriter(out)
	for _, n := range items {
		fmt.Fprintln(w, line(n)) //nolint:errcheck // Flush tells
	}
	return w.Flush()
}

func line(n path.Node) string {
	typ := n.Type()
	if typ == "" {
		typ = "?"
	}
	return typ + "\t" + string(fhir.Compact(n.AppendJSON(nil)))
}

func tracer(out io.Writer) func(string, []path.Node) {
	return func(name string, items []path.Node) {
		var b bytes.Buffer
		for _, n := range items {
			fmt.Fprintf(&b, "%s: %s\n", name, line(n))
		}
		out.Write(b.Bytes()) //nolint:errcheck // there is nowhere else to say it
	}
}

// inBundle finds the resources of a bundle by the references among them
// (https://hl7.org/fhir/R4/bundle.html#references); nil for any other resource.
func inBundle(r fhir.Resource) func(string) (fhir.Resource, bool) {
	if r.Type() != "Bundle" {
		return nil
	}
	known := map[string]fhir.Resource{}
	for e := range (fhir.Bundle{Resource: r}).Entries() {
		body, err := fhir.AsResource(e.Body)
		if err != nil {
			continue
		}
		for _, name := range []string{body.Type() + "/" + body.ID(), e.FullURL} {
			known[name] = body
		}
	}
	return func(ref string) (fhir.Resource, bool) {
		ref, _, _ = strings.Cut(ref, "/_history/")
		found, ok := known[ref]
		return found, ok
	}
}
