# Counts the tests, subtests included, in the output of `go test -json`, and as
# one failure a package that fails without a failed test: it did not build, or
# ended early. Fields, split at the quotes: 8 action, 12 package, 14 "Test".

BEGIN { FS = "\"" }

$14 == "Test" {
	count[$8]++
	if ($8 == "fail")
		blamed[$12] = 1
	next
}

$8 == "fail" && !blamed[$12] { count["fail"]++ }

END { printf "%d passed, %d failed, %d skipped\n", count["pass"], count["fail"], count["skip"] }
