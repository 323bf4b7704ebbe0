package ficus_test

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// stateful are types whose package-level value is shared state by itself.
var stateful = []string{"sync.Mutex", "sync.RWMutex", "sync.Map", "sync.Once", "sync.WaitGroup", "sync.Cond",
	"atomic.Bool", "atomic.Int32", "atomic.Int64", "atomic.Uint32", "atomic.Uint64", "atomic.Value", "atomic.Pointer"}

// TestNoPackageKeepsState lets a package-level variable be a table, an error,
// an embedded file, a pattern, a value computed once, a pool of buffers: what
// nothing writes to after it was made. State lives in values that app makes.
func TestNoPackageKeepsState(t *testing.T) {
	floors := readFloors(t)
	for _, p := range packages(t) {
		if floorOf(floors, p.dir).test {
			continue // one server per test process
		}
		vars := p.packageVars()
		for name, spec := range vars {
			if kind := stateOf(spec); kind != "" {
				t.Errorf("%s: %s is a %s of the package; hold it in a value that app makes", p.set.Position(spec.Pos()), name, kind)
			}
		}
		for _, f := range p.code {
			ast.Inspect(f, func(n ast.Node) bool {
				for _, target := range written(n) {
					if name := root(target); name != nil && packageLevel(name, vars) {
						t.Errorf("%s: writes to the package's %s; hold it in a value that app makes", p.set.Position(n.Pos()), name.Name)
					}
				}
				return true
			})
		}
	}
}

func (p *pkg) packageVars() map[string]*ast.ValueSpec {
	vars := map[string]*ast.ValueSpec{}
	for _, f := range p.code {
		for _, d := range f.Decls {
			decl, ok := d.(*ast.GenDecl)
			if !ok || decl.Tok != token.VAR {
				continue
			}
			for _, s := range decl.Specs {
				spec := s.(*ast.ValueSpec)
				for _, name := range spec.Names {
					vars[name.Name] = spec
				}
			}
		}
	}
	delete(vars, "_")
	return vars
}

func stateOf(spec *ast.ValueSpec) string {
	kind := typeName(spec.Type)
	if len(spec.Values) == 1 && kind == "" {
		switch v := spec.Values[0].(type) {
		case *ast.CompositeLit:
			kind = typeName(v.Type)
		case *ast.UnaryExpr:
			if lit, ok := v.X.(*ast.CompositeLit); ok {
				kind = typeName(lit.Type)
			}
		case *ast.CallExpr:
			if fn, ok := v.Fun.(*ast.Ident); ok && fn.Name == "make" {
				return "made map, slice or channel"
			}
		}
	}
	if slices.Contains(stateful, kind) {
		return kind
	}
	return ""
}

func typeName(x ast.Expr) string {
	switch v := x.(type) {
	case *ast.IndexExpr:
		return typeName(v.X)
	case *ast.SelectorExpr:
		if in, ok := v.X.(*ast.Ident); ok {
			return in.Name + "." + v.Sel.Name
		}
	case *ast.ChanType:
		return "channel"
	}
	return ""
}

// written lists what a statement writes to.
func written(n ast.Node) []ast.Expr {
	switch s := n.(type) {
	case *ast.AssignStmt:
		if s.Tok != token.DEFINE {
			return s.Lhs
		}
	case *ast.IncDecStmt:
		return []ast.Expr{s.X}
	case *ast.RangeStmt:
		if s.Tok == token.ASSIGN {
			return []ast.Expr{s.Key, s.Value}
		}
	case *ast.CallExpr:
		if fn, ok := s.Fun.(*ast.Ident); ok && slices.Contains([]string{"delete", "clear", "copy"}, fn.Name) {
			return s.Args[:1]
		}
	}
	return nil
}

// root is the variable at the left end of a path such as a.b[c].d.
func root(x ast.Expr) *ast.Ident {
	for {
		switch v := x.(type) {
		case *ast.Ident:
			return v
		case *ast.SelectorExpr:
			x = v.X
		case *ast.IndexExpr:
			x = v.X
		case *ast.StarExpr:
			x = v.X
		case *ast.ParenExpr:
			x = v.X
		default:
			return nil
		}
	}
}

// packageLevel tells whether name means the package's variable: the parser has
// resolved every local one to its own declaration.
func packageLevel(name *ast.Ident, vars map[string]*ast.ValueSpec) bool {
	spec, ok := vars[name.Name]
	return ok && (name.Obj == nil || name.Obj.Decl == spec) && !strings.HasPrefix(name.Name, "_")
}
