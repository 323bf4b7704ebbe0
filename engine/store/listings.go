package store

import (
	"slices"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fhir/index"
	"github.com/ficushealth/ficus/fhir/ucum"
)

// lists are what a version has that stands once for all in the tables ix_unit, ix_value and ix_label.
type lists struct {
	units  []string
	values []index.Value
	labels []typedLabel
}

func (l lists) size() int { return len(l.units) + len(l.values) + len(l.labels) }

// typedLabel is a label that resources of a type have.
type typedLabel struct {
	typ string
	Label
}

func typedLabels(typ string, list []Label) (out []typedLabel) {
	for _, l := range list {
		out = append(out, typedLabel{typ, l})
	}
	return out
}

// listings remembers what of these the tables of a tenant list: without that, a search in another unit, or by a part of a value,
// would not find what has it, and $meta would not tell a label. One too many costs a search that finds nothing.
type listings struct {
	units  map[string]bool
	values map[index.Value]bool
	labels map[typedLabel]bool
}

func newListings() listings {
	return listings{map[string]bool{}, map[index.Value]bool{}, map[typedLabel]bool{}}
}

var (
	isUnitSQL = db.Text{
		SQLite: `SELECT $3, 1 FROM ix_unit WHERE tenant = $1 AND code = $2`,
		Postgres: `SELECT q.n - 1, 1 FROM unnest($1::int4[], $2::text[]) WITH ORDINALITY AS q(tenant, code, n)
			JOIN ix_unit x ON x.tenant = q.tenant AND x.code = q.code`,
	}
	isValueSQL = db.Text{
		SQLite: `SELECT $5, 1 FROM ix_value WHERE tenant = $1 AND hash = $2 AND key = $3 AND value = $4`,
		Postgres: `SELECT q.n - 1, 1 FROM unnest($1::int4[], $2::int8[], $3::int8[], $4::text[]) WITH ORDINALITY AS q(tenant, hash, key, value, n)
			JOIN ix_value x ON x.tenant = q.tenant AND x.hash = q.hash AND x.key = q.key AND x.value = q.value`,
	}
	isLabelSQL = db.Text{
		SQLite: `SELECT $7, 1 FROM ix_label WHERE tenant = $1 AND type = $2 AND hash = $3 AND element = $4 AND system = $5 AND code = $6`,
		Postgres: `SELECT q.n - 1, 1 FROM unnest($1::int4[], $2::int2[], $3::int8[], $4::text[], $5::text[], $6::text[])
				WITH ORDINALITY AS q(tenant, type, hash, element, system, code, n)
			JOIN ix_label x ON x.tenant = q.tenant AND x.type = q.type AND x.hash = q.hash AND x.element = q.element AND x.system = q.system AND x.code = q.code`,
	}
)

// look asks the tables for what the versions have and nobody has asked for yet.
func (l *listings) look(c *comparing, from asker, list []asking) error {
	if l.units == nil || len(l.values)+len(l.labels) > maxListed {
		*l = newListings()
	}
	var units unitColumns
	var values sharedColumns
	var labels []typedLabel
	var columns labelColumns
	for _, x := range list {
		unknown := l.unlisted(x.lists)
		units.add(c.tenant, 0, unknown.units)
		values.add(c.tenant, 0, unknown.values)
		for _, label := range unknown.labels {
			labels = append(labels, label)
			columns.add(c.keys, 0, label.typ, []Label{label.Label})
		}
	}
	err := from.EachQuery(c.ctx, isUnitSQL, func(r db.Row) error {
		l.units[units.code[r.Int64(0)]] = true
		return nil
	}, units.tenant, units.code)
	if err != nil {
		return err
	}
	err = from.EachQuery(c.ctx, isValueSQL, func(r db.Row) error {
		n := r.Int64(0)
		l.values[index.Value{List: values.list[n], Key: values.key[n], Text: values.text[n]}] = true
		return nil
	}, values.tenant, values.list, values.key, values.text)
	if err != nil {
		return err
	}
	return from.EachQuery(c.ctx, isLabelSQL, func(r db.Row) error {
		l.labels[labels[r.Int64(0)]] = true
		return nil
	}, columns.columns()...)
}

func (l *listings) knowsLabel(x typedLabel) bool { return l.labels[x] }

func (l *listings) knowsValue(v index.Value) bool { return l.values[v] }

// knowsUnit is true too of what UCUM does not have: it cannot be converted, and is not listed.
func (l *listings) knowsUnit(code string) bool {
	return l.units[code] || unknownUnit(code)
}

func unknownUnit(code string) bool {
	_, err := ucum.Parse(code)
	return err != nil
}

// lacks reports whether something is not listed.
func (l *listings) lacks(x lists) bool { return l.unlisted(x).size() > 0 }

// unlisted is what the tables do not list.
func (l *listings) unlisted(x lists) lists {
	return lists{
		slices.DeleteFunc(slices.Clone(x.units), l.knowsUnit),
		slices.DeleteFunc(slices.Clone(x.values), l.knowsValue),
		slices.DeleteFunc(slices.Clone(x.labels), l.knowsLabel),
	}
}

// take remembers what a finding lacks.
func (l *listings) take(x lists) {
	for _, code := range x.units {
		l.units[code] = true
	}
	for _, v := range x.values {
		l.values[v] = true
	}
	for _, v := range x.labels {
		l.labels[v] = true
	}
}
