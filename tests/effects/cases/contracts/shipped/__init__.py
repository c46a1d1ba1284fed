from cases.contracts.shipped.inner import fetch as fetch
