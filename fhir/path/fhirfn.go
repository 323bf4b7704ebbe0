package path

import (
	"strings"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// extension gives the extensions of the url.
func extension(m *machine, c *call, base int) error {
	url, ok, err := m.text(c.args[0])
	if err != nil {
		return err
	}
	top := len(m.stack)
	for i := base; i < top && ok; i++ {
		m.pushExtensions(m.stack[i], url)
	}
	m.settle(base, top)
	return m.charge(len(m.stack)-base, c.pos)
}

func (m *machine) pushExtensions(n Node, url string) {
	list := n.object().Get("extension")
	c, passed := list.Cursor(), 0
	if list.Kind() != fhir.Array {
		return
	}
	for v := c.Next(); v.Exists(); v = c.Next() {
		if its := v.Get("url"); its.Str() == url {
			m.stack = append(m.stack, Node{v: v, typ: r4.Lookup("Extension")})
		} else {
			m.look(Node{v: its})
		}
		passed++
	}
	m.left -= passed / itemsPerStep
}

func hasExtension(m *machine, c *call, base int) error {
	if err := extension(m, c, base); err != nil {
		return err
	}
	return m.give(base, boolean(len(m.stack) > base))
}

// hasValue says whether the input is one primitive with a value.
func hasValue(m *machine, c *call, base int) error {
	out := len(m.stack)-base == 1 && m.stack[base].hasValue() && m.stack[base].kind() != kNone
	return m.give(base, boolean(out))
}

// getValue is the System value of a primitive.
func getValue(m *machine, c *call, base int) error {
	n, ok, err := c.single(m, base)
	if err != nil || !ok {
		return err
	}
	if n.sys == nil && !n.primitive() {
		return m.give(base, nil)
	}
	return m.give(base, n.literal())
}

// resolve finds what references point to: what is contained by itself, the rest through the context. Without one, a node
// of the type that the reference names stands for the target.
func resolve(m *machine, c *call, base int) error {
	top := len(m.stack)
	for i := base; i < top; i++ {
		if n, ok := m.target(m.stack[i]); ok {
			m.stack = append(m.stack, n)
		}
	}
	m.settle(base, top)
	return m.charge(0, c.pos)
}

func (m *machine) target(n Node) (Node, bool) {
	named := n
	if n.kind() == kNone {
		named = Node{v: n.v.Get("reference")}
	}
	m.look(named)
	text := named.Str()
	if id, ok := strings.CutPrefix(text, "#"); ok {
		return m.contained(n, id)
	}
	if m.ctx.Resolve != nil {
		if text == "" {
			return Node{}, false
		}
		r, ok := m.ctx.Resolve(text)
		return Root(r), ok
	}
	ref := fhir.ParseRef(text)
	t := r4.Lookup(ref.Type)
	if t == nil {
		t = r4.Lookup(n.v.Get("type").Str())
	}
	return Node{typ: t}, t != nil && t.Kind == r4.Resource
}

// contained is the resource of that id inside the one in which the reference stands; the empty id is that one itself.
func (m *machine) contained(reference Node, id string) (Node, bool) {
	root := m.container()
	if v := m.holder(reference.v); v.Exists() {
		root = rootOf(v)
	}
	if id == "" {
		return root, true
	}
	for v := range root.v.Get("contained").Items() {
		m.left--
		if v.Get("id").Str() == id {
			return rootOf(v), true
		}
	}
	return Node{}, false
}

func rootOf(v fhir.Value) Node { return Node{v: v, typ: r4.Lookup(v.Get("resourceType").Str())} }

// holder is the innermost resource around v that is not itself contained in another: in a bundle, that of the entry.
func (m *machine) holder(v fhir.Value) (holder fhir.Value) {
	for at := v.Root(); at.Exists() && !at.Same(v); at = m.toward(at, v) {
		if at.Name() == "contained" {
			break
		}
		if at.Get("resourceType").Exists() {
			holder = at
		}
	}
	return holder
}

// toward is the child of outer that holds v.
func (m *machine) toward(outer, v fhir.Value) fhir.Value {
	c := outer.Cursor()
	for x := c.Next(); x.Exists(); x = c.Next() {
		m.left--
		if x.Holds(v) {
			return x
		}
	}
	return fhir.Value{}
}

// memberOf asks the context; a required value set of R4 whose codes are all known needs none.
func memberOf(m *machine, c *call, base int) error {
	n, ok, err := c.single(m, base)
	if err != nil {
		return err
	}
	url, there, err := m.text(c.args[0])
	if err != nil || !ok || !there {
		m.stack = m.stack[:base]
		return err
	}
	if m.ctx.MemberOf != nil {
		in, err := m.ctx.MemberOf(n, url)
		if err != nil {
			return err
		}
		return m.give(base, boolean(in))
	}
	codes, complete := r4.ValueSetCodes(url)
	if !complete {
		return c.fail(m, "needs a terminology service for this value set")
	}
	return m.give(base, boolean(codedIn(n, codes)))
}

func codedIn(n Node, codes []r4.Code) bool {
	if n.kind() == kString {
		return hasCode(codes, "", n.Str())
	}
	for coding := range n.v.Get("coding").Items() {
		if hasCode(codes, coding.Get("system").Str(), coding.Get("code").Str()) {
			return true
		}
	}
	code := n.v.Get("code").Str()
	return code != "" && hasCode(codes, n.v.Get("system").Str(), code)
}

func hasCode(codes []r4.Code, system, code string) bool {
	for _, c := range codes {
		if c.Code == code && (system == "" || c.System == system) {
			return true
		}
	}
	return false
}

// subsumption is subsumes() and subsumedBy().
func subsumption(inverse bool) func(*machine, *call, int) error {
	return func(m *machine, c *call, base int) error {
		n, ok, err := c.single(m, base)
		if err != nil {
			return err
		}
		other, there, err := m.one(c.args[0])
		if err != nil || !ok || !there {
			m.stack = m.stack[:base]
			return err
		}
		if sameCode(n, other) {
			return m.give(base, boolean(true))
		}
		if m.ctx.Subsumes == nil {
			return c.fail(m, "needs a terminology service")
		}
		if inverse {
			n, other = other, n
		}
		out, err := m.ctx.Subsumes(n, other)
		if err != nil {
			return err
		}
		return m.give(base, boolean(out))
	}
}

// sameCode is true of two codings of the same code: no terminology has to be asked whether one covers the other.
func sameCode(a, b Node) bool {
	if a.kind() != kNone || b.kind() != kNone {
		return false
	}
	code, system := a.v.Get("code").Str(), a.v.Get("system").Str()
	return code != "" && system != "" && code == b.v.Get("code").Str() && system == b.v.Get("system").Str()
}

const definitions = "http://hl7.org/fhir/StructureDefinition/"

// conformsTo knows the types of R4 and asks the context for profiles.
func conformsTo(m *machine, c *call, base int) error {
	n, ok, err := c.single(m, base)
	if err != nil {
		return err
	}
	url, there, err := m.text(c.args[0])
	if err != nil || !ok || !there {
		m.stack = m.stack[:base]
		return err
	}
	if name, found := strings.CutPrefix(url, definitions); found {
		if t := r4.Lookup(name); t != nil {
			return m.give(base, boolean(n.typ != nil && isA(n.typ, t)))
		}
	}
	if m.ctx.Conforms == nil {
		return c.fail(m, "does not know this profile")
	}
	out, err := m.ctx.Conforms(n, url)
	if err != nil {
		return err
	}
	return m.give(base, boolean(out))
}

// checkModifiers gives its input back if it has no modifier extensions but those named.
func checkModifiers(m *machine, c *call, base int) error {
	allowed := map[string]bool{}
	for _, a := range c.args {
		urls, _, err := m.text(a)
		if err != nil {
			return err
		}
		for url := range strings.SplitSeq(urls, ",") {
			allowed[strings.TrimSpace(url)] = true
		}
	}
	for _, n := range m.stack[base:] {
		for e := range n.object().Get("modifierExtension").Items() {
			if !allowed[e.Get("url").Str()] {
				return c.fail(m, "found a modifier extension that is not among those named")
			}
		}
	}
	return nil
}

// elementDefinition gives the definitions of the items as the context knows them.
func elementDefinition(m *machine, c *call, base int) error {
	if m.ctx.Define == nil {
		return c.fail(m, "is not served here: it needs the definitions of a profile")
	}
	out := base
	for i := base; i < len(m.stack); i++ {
		if n, ok := m.ctx.Define(m.stack[i]); ok {
			m.stack[out] = n
			out++
		}
	}
	m.stack = m.stack[:out]
	return nil
}

// slice keeps the items that are of the slice of that name, as the context knows the profile.
func slice(m *machine, c *call, base int) error {
	if m.ctx.Slice == nil {
		return c.fail(m, "is not served here: it needs the definitions of a profile")
	}
	profile, _, err := m.text(c.args[0])
	if err != nil {
		return err
	}
	name, _, err := m.text(c.args[1])
	if err != nil {
		return err
	}
	out := base
	for i := base; i < len(m.stack); i++ {
		in, err := m.ctx.Slice(m.stack[i], profile, name)
		if err != nil {
			return err
		}
		if in {
			m.stack[out] = m.stack[i]
			out++
		}
	}
	m.stack = m.stack[:out]
	return nil
}
