package index

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/path"
)

// Extract gives the index rows of a resource for every search parameter of its type. A value that has not the form of its
// type has no rows. Faults: Invalid if there is no such type, or if an expression cannot be evaluated.
func Extract(r fhir.Resource, h Hasher) (Rows, error) {
	var none *Own
	return none.Extract(nil, r, h)
}

// Extract gives the rows of the function Extract and those of a tenant's own parameters. It ends when done is closed (nil:
// never). Faults: also TimedOut, when it has ended.
func (o *Own) Extract(done <-chan struct{}, r fhir.Resource, h Hasher) (Rows, error) {
	p, err := planFor(r.Type())
	if err != nil {
		return Rows{}, err
	}
	e := emitterPool.Get().(*emitter)
	defer e.release()
	e.h, e.root, e.watch, e.done = h, path.Root(r), fhir.NewWatch(done), done
	present := p.present(r)
	if err := e.run(p, present); err != nil {
		return Rows{}, e.refusal(r, err)
	}
	o.run(e, r.Type(), present)
	if err := e.watch.Over(); err != nil {
		return Rows{}, err
	}
	return e.finish(), nil
}

// refusal says of an expression that gave up that it is the resource that is to blame, unless there was no more time.
func (e *emitter) refusal(r fhir.Resource, err error) error {
	if late := e.watch.Over(); late != nil {
		return late
	}
	if fault.Is(err, fault.TooCostly) {
		return fault.At(fault.Unprocessable, fault.Issue{Code: "too-costly", Expression: r.Type(),
			Text: "the resource has more values than can be indexed; split it into several resources"})
	}
	return fmt.Errorf("index %s: %w", r.Type(), err)
}

// emitter collects the rows of one resource. Its buffers are used again.
type emitter struct {
	watch fhir.Watch
	h     Hasher
	root  path.Node
	ctx   path.Context
	done  <-chan struct{}
	rows  Rows
	nodes []path.Node
	keys  []int64 // under which the next rows of a type without a code of its own stand
	texts []string
	pairs [2][]token
	focus []path.Node

	pairsLeft int  // of what composites pair, how many more the resource may have
	rowless   bool // a parameter has a value that no row stands for
	coded     bool // it has a code
}

var emitterPool = sync.Pool{New: func() any { return new(emitter) }}

// release forgets everything of the resource but keeps the buffers, unless they have grown large.
func (e *emitter) release() {
	if cap(e.nodes) > 1024 || cap(e.rows.Token) > 8192 {
		emitterPool.Put(new(emitter))
		return
	}
	clear(e.nodes[:cap(e.nodes)])
	clear(e.focus[:cap(e.focus)])
	clear(e.texts)
	clear(e.rows.String)
	clear(e.rows.Ref)
	clear(e.rows.Units)
	clear(e.rows.Values)
	clear(e.rows.Codes)
	clear(e.pairs[0])
	clear(e.pairs[1])
	r := e.rows
	*e = emitter{nodes: e.nodes[:0], keys: e.keys[:0], focus: e.focus[:0], texts: e.texts[:0], pairs: [2][]token{e.pairs[0][:0], e.pairs[1][:0]},
		rows: Rows{r.Token[:0], r.String[:0], r.Date[:0], r.Number[:0], r.Ref[:0], r.Units[:0], r.Values[:0], r.Codes[:0], r.Params[:0]}}
	emitterPool.Put(e)
}

// present has the bits of the elements that the resource has.
func (p *plan) present(r fhir.Resource) (bits uint64) {
	c := r.Cursor()
	for v := c.Next(); v.Exists(); v = c.Next() {
		if el := p.info.Find(strings.TrimPrefix(v.Name(), "_")); el != nil {
			bits |= 1 << el.Index
		}
	}
	return bits
}

func (e *emitter) run(p *plan, present uint64) error {
	e.ctx = p.context(e.root)
	e.ctx.Done = e.done
	for i := range p.sources {
		s := &p.sources[i]
		if s.heads != 0 && s.heads&present == 0 {
			continue
		}
		nodes, err := evaluate(s.expr, &e.ctx, e.root, e.nodes[:0])
		if err != nil {
			return err
		}
		e.nodes = nodes
		for _, user := range s.users {
			e.each(&p.params[user], nodes)
		}
	}
	if err := e.composites(p, present); err != nil {
		return err
	}
	e.covered(p)
	return nil
}

// each gives the rows of one parameter for the nodes.
func (e *emitter) each(p *param, nodes []path.Node) {
	if len(nodes) == 0 || p.covered {
		return
	}
	before := e.rows.size()
	e.rowless, e.coded = false, false
	e.keys = append(e.keys[:0], e.h.key(p.prefix))
	for _, n := range nodes {
		if e.watch.Late(1) {
			return
		}
		p.emit(e, p, n)
	}
	if e.rowless || e.rows.size() > before {
		e.unlisted(p)
		e.rows.Params = append(e.rows.Params, p.id)
	}
}

func (r *Rows) size() int {
	return len(r.Token) + len(r.String) + len(r.Date) + len(r.Number) + len(r.Ref)
}

// finish sorts the rows, drops what is there twice and copies them out of the buffers.
func (e *emitter) finish() Rows {
	r := &e.rows
	slices.SortFunc(r.Token, func(a, b TokenRow) int {
		return cmp.Or(cmp.Compare(a.Hash, b.Hash), cmp.Compare(a.System, b.System))
	})
	slices.Sort(r.Params)
	slices.Sort(r.Units)
	slices.SortFunc(r.String, func(a, b StringRow) int {
		return cmp.Or(cmp.Compare(a.Hash, b.Hash), strings.Compare(a.Value, b.Value), cmp.Compare(a.Exact, b.Exact))
	})
	slices.SortFunc(r.Date, func(a, b DateRow) int {
		return cmp.Or(cmp.Compare(a.Hash, b.Hash), cmp.Compare(a.Lo, b.Lo), cmp.Compare(a.Hi, b.Hi))
	})
	slices.SortFunc(r.Values, compareValues)
	slices.SortFunc(r.Codes, compareValues)
	slices.SortFunc(r.Number, compareNumbers)
	slices.SortFunc(r.Ref, func(a, b RefRow) int {
		return cmp.Or(cmp.Compare(a.Hash, b.Hash), strings.Compare(a.Target.Text, b.Target.Text))
	})
	return Rows{once(r.Token), once(r.String), once(r.Date), once(r.Number), once(r.Ref), once(r.Units), once(r.Values), once(r.Codes), once(r.Params)}
}

func compareValues(a, b Value) int {
	return cmp.Or(cmp.Compare(a.List, b.List), cmp.Compare(a.Key, b.Key), strings.Compare(a.Text, b.Text))
}

func compareNumbers(a, b NumberRow) int {
	return cmp.Or(cmp.Compare(a.Hash, b.Hash), cmp.Compare(a.Lo, b.Lo), cmp.Compare(a.Hi, b.Hi), cmp.Compare(a.Code, b.Code), cmp.Compare(a.System, b.System))
}

// once is a copy of a sorted list without duplicates, nil if it is empty: whether there was a buffer must not show.
func once[T interface{ comparable }](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return slices.Clone(slices.Compact(list))
}
