"""Where functions begin and end in C++ source, by braces: good enough for sources that clang-format has laid out."""
import re

TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|R"(?P<d>[^()\\\s]{0,16})\(.*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'', re.S)
NOT_A_FUNCTION = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b(?![^{]*\)\s*(const|noexcept|override|final|\s)*$)")
TABLE_LINE = re.compile(r"^\s*(?:case [^\n]*:|default:)\s*return [^\n]*;[ \t]*$", re.M)
NAME = re.compile(r"([~\w:]+|operator\s*[^\s(]+)\s*\(")


def blank(text):
    """The text with comments, strings and preprocessor lines turned into spaces; lines stay where they are."""
    text = TOKEN.sub(lambda m: re.sub(r"[^\n]", " ", m.group(0)), text)
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: re.sub(r"[^\n]", " ", m.group(0)), text, flags=re.M)


def extents(text):
    """(name, first line, number of lines) of each function that stands at namespace or class scope. The lines of a
    table written as a switch, one `case X: return Y;` a line, do not count."""
    code, found, scopes, start, line = blank(text), [], [], 0, 1
    inside = 0  # braces open within the current function
    for position, character in enumerate(code):
        if character == "\n":
            line += 1
        elif character == "{":
            if inside:
                inside += 1
            elif is_function(head := code[start:position]):
                inside, first = 1, line - head.lstrip().count("\n")
                current, begin = (name_of(head), first), position
            else:
                scopes.append(position)
                start = position + 1
        elif character == "}":
            if inside == 1:
                table = len(TABLE_LINE.findall(code, begin, position))
                found.append((*current, line - current[1] + 1 - table))
            elif not inside and scopes:
                scopes.pop()
            inside = max(0, inside - 1)
            if not inside:
                start = position + 1
        elif character == ";" and not inside:
            start = position + 1
    return found


def is_function(head):
    head = re.sub(r"\b(public|private|protected)\s*:", "", head)
    return "(" in head and not NOT_A_FUNCTION.search(head)


def name_of(head):
    match = NAME.search(head)
    return match.group(1) if match else "(function)"
