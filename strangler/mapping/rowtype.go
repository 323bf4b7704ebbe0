package mapping

import (
	"fmt"
	"reflect"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/ficushealth/ficus/strangler/source"
)

// rowTypes tells CEL about tables: each is an object type with a field for each column.
type rowTypes struct {
	types.Provider
	tables map[string]*rowType
}

type rowType struct {
	typ    *types.Type
	table  *source.Table
	fields map[string]*types.FieldType
}

func newRowTypes(tables map[string]*source.Table) (*rowTypes, error) {
	registry, err := types.NewRegistry()
	if err != nil {
		return nil, err
	}
	r := &rowTypes{Provider: registry, tables: map[string]*rowType{}}
	for name, t := range tables {
		r.tables[name] = newRowType(name, t)
	}
	return r, nil
}

func newRowType(name string, t *source.Table) *rowType {
	r := &rowType{typ: types.NewObjectType(name), table: t, fields: map[string]*types.FieldType{}}
	for i := range t.Columns {
		c := &t.Columns[i]
		r.fields[c.Name] = &types.FieldType{Type: columnType(c), IsSet: always, GetFrom: getter(i, c.Class())}
	}
	return r
}

func always(any) bool { return true }

func getter(i int, class source.Class) ref.FieldGetter {
	return func(target any) (any, error) { return cellValue(class, &target.(*rowValue).cells[i]), nil }
}

func columnType(c *source.Column) *types.Type {
	t := types.StringType
	switch c.Class() {
	case source.IntegerClass:
		t = types.IntType
	case source.NumberClass:
		t = types.DoubleType
	case source.BinaryClass, source.BitClass:
		t = types.BytesType
	}
	if c.Nullable {
		return types.NewNullableType(t)
	}
	return t
}

// object is the type of the rows of a table.
func (r *rowTypes) object(t *source.Table) *cel.Type { return r.tables[t.String()].typ }

// FindStructType is part of types.Provider.
func (r *rowTypes) FindStructType(name string) (*types.Type, bool) {
	if t := r.tables[name]; t != nil {
		return types.NewTypeTypeWithParam(t.typ), true
	}
	return r.Provider.FindStructType(name)
}

// FindStructFieldNames is part of types.Provider.
func (r *rowTypes) FindStructFieldNames(name string) ([]string, bool) {
	t := r.tables[name]
	if t == nil {
		return r.Provider.FindStructFieldNames(name)
	}
	var names []string
	for i := range t.table.Columns {
		names = append(names, t.table.Columns[i].Name)
	}
	return names, true
}

// FindStructFieldType is part of types.Provider.
func (r *rowTypes) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	if t := r.tables[name]; t != nil {
		f, ok := t.fields[field]
		return f, ok
	}
	return r.Provider.FindStructFieldType(name, field)
}

// rowValue is a row as a CEL object. Its cells are valid while the row is mapped.
type rowValue struct {
	typ   *rowType
	cells []source.Cell
}

// ConvertToNative is part of ref.Val.
func (v *rowValue) ConvertToNative(reflect.Type) (any, error) {
	return nil, fmt.Errorf("a row cannot be taken out of an expression")
}

// ConvertToType is part of ref.Val.
func (v *rowValue) ConvertToType(ref.Type) ref.Val { return types.NewErr("a row cannot be converted") }

// Equal is part of ref.Val.
func (v *rowValue) Equal(other ref.Val) ref.Val { return types.Bool(ref.Val(v) == other) }

// Type is part of ref.Val.
func (v *rowValue) Type() ref.Type { return v.typ.typ }

// Value is part of ref.Val.
func (v *rowValue) Value() any { return v }
