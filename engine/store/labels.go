package store

import (
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/index"
)

// The index holds hashes, from which no label can be read back. So that $meta can tell which labels there are without reading
// bodies, table ix_label lists them, and the index says of each whether a resource has it. Writers remember which are listed as
// they do for values (valueBook), and labels that nothing has any more leave like these.

// Label is a profile, a security label or a tag in the meta of resources (https://hl7.org/fhir/R4/resource.html#Meta).
type Label struct {
	Element      string // profile, security or tag
	System, Code string // of a profile Code alone, its URL
}

// labelElements are the parts of meta that hold labels.
var labelElements = [...]string{"profile", "security", "tag"}

// labelsOf are the labels of a resource; what has no code cannot be asked for.
func labelsOf(r fhir.Resource) (list []Label) {
	meta := r.Get("meta")
	for _, element := range labelElements {
		for v := range meta.Get(element).Items() {
			l := Label{Element: element, Code: v.Str()}
			if v.Kind() != fhir.String {
				l.System, l.Code = v.Get("system").Str(), v.Get("code").Str()
			}
			if l.Code != "" {
				list = append(list, l)
			}
		}
	}
	return list
}

// key is that of the row in the list.
func (l Label) key(h index.Hasher, typ string) int64 {
	return h.Key(typ, "label", l.Element, l.System, l.Code)
}

// token is the row of the index that each resource of the type with the label has.
func (l Label) token(h index.Hasher, typ string) index.TokenRow {
	if l.Element == "profile" {
		return index.TokenRow{Hash: h.URI(typ, "_profile", l.Code)}
	}
	return index.TokenRow{Hash: h.TokenCode(typ, "_"+l.Element, l.Code), System: h.Unit(l.System)}
}

// maxListed is how much of lists this process remembers while it compares: whoever labels each resource otherwise must not fill
// the memory.
const maxListed = 100_000

// lackedLabels are those of the labels that may not be listed yet.
func (l *listed) lackedLabels(h index.Hasher, edition int64, typ string, list []Label) (out []Label) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for _, x := range list {
		if _, known := l.keys[x.key(h, typ)]; !known || l.edition != edition {
			out = append(out, x)
		}
	}
	return out
}

// labelColumns are labels that a group may be the first to write, each with the edition under which it does.
type labelColumns struct {
	tenant                []int32
	typ                   []int32
	hash, edition         []int64
	element, system, code []string
}

func (c *labelColumns) add(k *tenantKeys, edition int64, typ string, list []Label) {
	index, _ := typeIndex(typ)
	for _, l := range list {
		c.tenant, c.typ, c.hash, c.edition = append(c.tenant, k.tenant), append(c.typ, int32(index)), append(c.hash, l.key(k.hasher, typ)), append(c.edition, edition)
		c.element, c.system, c.code = append(c.element, l.Element), append(c.system, l.System), append(c.code, l.Code)
	}
}

func (c *labelColumns) columns() []any {
	return []any{c.tenant, c.typ, c.hash, c.element, c.system, c.code}
}

// known is what a valueBook learns of them.
func (c *labelColumns) known() sharedColumns {
	return sharedColumns{tenant: c.tenant, key: c.hash, edition: c.edition}
}

// addLabel takes the labels in one order, so that no two groups wait for each other's.
var addLabel = db.Text{
	SQLite: `INSERT INTO ix_label (tenant, type, hash, element, system, code) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
	Postgres: `INSERT INTO ix_label (tenant, type, hash, element, system, code) SELECT DISTINCT q.*
		FROM unnest($1::int4[], $2::int2[], $3::int8[], $4::text[], $5::text[], $6::text[]) AS q(tenant, type, hash, element, system, code)
		ORDER BY q.tenant, q.type, q.hash ON CONFLICT DO NOTHING`,
}
