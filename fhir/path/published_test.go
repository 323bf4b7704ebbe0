package path

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/suites"
)

// TestSearchExpressions: all that R4 publishes compile, and name nothing that their types do not have.
func TestSearchExpressions(t *testing.T) {
	for _, p := range r4.AllParams() {
		for _, base := range p.Bases {
			if p.Expression == "" {
				continue
			}
			e, err := CompileR4(p.On(base))
			if err == nil {
				err = e.Check(base)
			}
			if err != nil {
				t.Errorf("%s for %s: %v", p.URL, base, err)
			}
		}
	}
}

// brokenRules are invariants that R4 publishes with an error, and what is wrong.
var brokenRules = map[string]string{
	"cid-0": "ChargeItemDefinition has no element name",
	"ref-1": "for a type, %rootResource is not known before there is data",
}

func TestInvariants(t *testing.T) {
	check := func(typ string, rules []r4.Rule) {
		for _, rule := range rules {
			e, err := CompileR4(rule.Expression)
			if err != nil {
				t.Errorf("%s: %v", rule.Key, err)
				continue
			}
			if err := e.Check(typ); (err != nil) && brokenRules[rule.Key] == "" {
				t.Errorf("%s of %s: %v", rule.Key, typ, err)
			}
		}
	}
	for _, typ := range r4.Types() {
		check(typ.Name, typ.Rules)
		for _, el := range typ.Elements {
			if len(el.Types) == 1 {
				check(el.Types[0], el.Rules)
			}
		}
	}
}

// unmet are the invariants that some examples of R4 do not meet. The first three give nothing, not true, where the element
// that they speak of is absent.
var unmet = map[string]string{
	"bdl-7": "seven data elements twice in Bundle-dataelements",
	"bdl-8": "entries without fullUrl",
	"ras-2": "predictions without probability",
	"ref-1": "references without reference",
	"sdf-4": "logical models without a base (StructureDefinition-Request and its kin)",
	"txt-1": "an empty narrative in the Zika questionnaires",
	"txt-2": "the same",
}

// TestInvariantsOnExamples evaluates each invariant wherever its type or element occurs in the examples of R4.
func TestInvariantsOnExamples(t *testing.T) {
	rules := &ruleRun{t: t, compiled: map[string]*Expr{}, failed: map[string]bool{}}
	eachExample(t, func(r fhir.Resource) { rules.walk(Root(r), &Context{}) })
	for key := range rules.failed {
		if unmet[key] == "" {
			t.Errorf("%s does not hold", key)
		}
	}
	for key := range unmet {
		if !rules.failed[key] && !testing.Short() {
			t.Errorf("%s is listed as not met, but is", key)
		}
	}
	if rules.count < 100_000 {
		t.Errorf("only %d evaluations", rules.count)
	}
}

// TestSearchExpressionsOnExamples evaluates the expression of each search parameter of a type on each example of it, also
// with references that lead to the examples themselves.
func TestSearchExpressionsOnExamples(t *testing.T) {
	compiled, count := map[string]*Expr{}, 0
	eachExample(t, func(r fhir.Resource) {
		there := &Context{Resolve: func(string) (fhir.Resource, bool) { return r, true }}
		for _, p := range r4.Params(r.Type()) {
			expression := p.On(r.Type())
			if expression == "" {
				continue
			}
			e := compiled[expression]
			if e == nil {
				var err error
				if e, err = CompileR4(expression); err != nil {
					t.Fatal(p.URL, err)
				}
				compiled[expression] = e
			}
			for _, ctx := range []*Context{nil, there} {
				if _, err := e.Eval(ctx, Root(r)); err != nil {
					t.Errorf("%s on a %s: %v", p.URL, r.Type(), err)
				}
			}
			count++
		}
	})
	if count < 20_000 {
		t.Errorf("only %d evaluations", count)
	}
}

type ruleRun struct {
	t        *testing.T
	compiled map[string]*Expr
	failed   map[string]bool
	count    int
}

func (r *ruleRun) walk(n Node, ctx *Context) {
	if n.typ != nil && n.typ.Kind == r4.Resource {
		outer := ctx.Outer
		if n.elem == nil || n.elem.Name != "contained" {
			outer = n
		}
		ctx = &Context{Resource: n, Outer: outer}
	}
	if n.typ != nil {
		r.check(n, n.typ.Rules, ctx)
	}
	if n.elem != nil {
		r.check(n, n.elem.Rules, ctx)
	}
	m := &machine{ctx: ctx, left: 1 << 20}
	m.pushChildren(n)
	for _, c := range m.stack {
		r.walk(c, ctx)
	}
}

func (r *ruleRun) check(n Node, rules []r4.Rule, ctx *Context) {
	for _, rule := range rules {
		e := r.compiled[rule.Expression]
		if e == nil {
			e, _ = CompileR4(rule.Expression)
			r.compiled[rule.Expression] = e
		}
		ok, err := e.Test(ctx, n)
		if err != nil {
			r.t.Errorf("%s on %s: %v", rule.Key, n.Type(), err)
		}
		r.count++
		if !ok && rule.Severity == "error" {
			r.failed[rule.Key] = true
		}
	}
}

func eachExample(t *testing.T, f func(r fhir.Resource)) {
	file, err := os.Open(suites.Path(t, "fhir-r4-examples", "hl7.fhir.r4.examples-4.0.1.tgz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(bufio.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	limit := int64(1 << 40)
	if testing.Short() {
		limit = 10_000
	}
	for files := tar.NewReader(unzipped); ; {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(h.Name, ".json") || h.Size > limit {
			continue
		}
		doc, err := io.ReadAll(files)
		if err != nil {
			t.Fatal(err)
		}
		if r, err := fhir.Parse(doc, fhir.Limits{}); err == nil && slices.Contains(r4.Resources(), r.Type()) {
			f(r)
		}
	}
}
