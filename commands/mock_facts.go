package commands

import "smp/client/mock"

// printFacts prints how well each behaviour of the service is known that the mock
// has: AREA MARK FACT MOCK SOURCE FLAG.
func (o *mockOptions) printFacts() error {
	t := o.out.newTable("AREA", "MARK", "FACT", "MOCK", "SOURCE", "FLAG")
	for _, f := range mock.Facts() {
		t.row(f.Area, string(f.Mark), f.Fact, f.Mock, f.Source, f.Flag)
	}
	return t.print()
}
