package mapping

import (
	"strconv"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/ficushealth/ficus/strangler/source"
)

// costLimit bounds one evaluation; an expression over a row and its children needs some tens of units.
const costLimit = 1_000_000

// language compiles expressions over the rows of some tables.
type language struct {
	rows *rowTypes
	pack *Pack
}

// names are the variables of an expression: the row, the joins of its map, the item of a child, the value of an inverse.
type names struct {
	table *source.Table // type of row
	item  *source.Table // type of item; nil outside each
	joins []join
	value bool
}

// program is a compiled expression. It is safe for concurrent use.
type program struct {
	at   place
	prog cel.Program
	text string
}

// compile notes a mistake at its line and column and returns nil then. want is nil if any type will do.
func (l *language) compile(p *problems, e text, n names, want ...*cel.Type) *program {
	env, err := l.env(n)
	if err != nil {
		p.add(e.at, "expression: %s", err)
		return nil
	}
	tree, issues := env.Compile(e.s)
	if issues.Err() != nil {
		for _, i := range issues.Errors() {
			p.add(e.at.right(i.Location.Column()), "expression: %s", i.Message)
		}
		return nil
	}
	if !typeIsOneOf(tree.OutputType(), want) {
		p.add(e.at, "expression: it gives %s, not %s", tree.OutputType(), want[0])
		return nil
	}
	prog, err := env.Program(tree, cel.CostLimit(costLimit), cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		p.add(e.at, "expression: %s", err)
		return nil
	}
	return &program{e.at, prog, e.s}
}

func typeIsOneOf(t *cel.Type, want []*cel.Type) bool {
	for _, w := range want {
		if w.IsExactType(t) {
			return true
		}
	}
	return len(want) == 0 || t.Kind() == types.DynKind
}

func (l *language) env(n names) (*cel.Env, error) {
	options := []cel.EnvOption{cel.CustomTypeProvider(l.rows), cel.Variable("row", l.rows.object(n.table))}
	for _, j := range n.joins {
		options = append(options, cel.Variable(j.name, cel.ListType(l.rows.object(j.table))))
	}
	if n.item != nil {
		options = append(options, cel.Variable("item", l.rows.object(n.item)))
	}
	if n.value {
		options = append(options, cel.Variable("value", cel.StringType))
	}
	return cel.NewEnv(append(options, l.functions()...)...)
}

// isTrue evaluates a condition.
func (p *program) isTrue(r *run) (bool, error) {
	v, _, err := p.prog.Eval(r)
	if err != nil {
		return false, err
	}
	return v == types.True, nil
}

// eval evaluates to text: that of a string, or the literal of a number or boolean; form nothing for null and "".
func (p *program) eval(r *run) (form, []byte, error) {
	v, _, err := p.prog.Eval(r)
	if err != nil {
		return nothing, nil, err
	}
	switch v := v.(type) {
	case types.String:
		if v == "" {
			return nothing, nil, nil
		}
		return str, []byte(v), nil
	case types.Int:
		return raw, strconv.AppendInt(nil, int64(v), 10), nil
	case types.Bool:
		return raw, strconv.AppendBool(nil, bool(v)), nil
	case types.Double:
		return raw, strconv.AppendFloat(nil, float64(v), 'f', -1, 64), nil
	}
	return nothing, nil, nil
}

// cellValue is a cell as CEL sees it: integers as int, decimal and floating numbers as double, bytes as bytes, text and
// times as string, NULL as null.
func cellValue(class source.Class, c *source.Cell) ref.Val {
	if !c.Has() {
		return types.NullValue
	}
	switch class {
	case source.IntegerClass:
		if n, err := strconv.ParseInt(view(c.Bytes), 10, 64); err == nil {
			return types.Int(n)
		}
	case source.NumberClass:
		if f, err := strconv.ParseFloat(view(c.Bytes), 64); err == nil {
			return types.Double(f)
		}
	case source.BinaryClass, source.BitClass:
		return types.Bytes(c.Bytes)
	}
	return types.String(c.Bytes)
}
