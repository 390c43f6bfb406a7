#include "tributary/cli/run.h"

int main(int argc, char** argv) { return tributary::cli::run(argc, argv); }
