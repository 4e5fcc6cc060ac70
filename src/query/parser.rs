//! Parses tokens into a tree, by recursive descent.

use super::{
    LONGEST,
    ast::{Node, Operator, Value},
    error::Fault,
    field::{Field, no_field},
    lexer::{Kind, Token, tokens},
};
use std::{borrow::Cow, ops::Range};

/// The most parentheses that may stand in each other.
const DEEPEST: usize = 64;

/// Parses a filter; `None` for an empty one.
pub(super) fn parse(text: &str) -> Result<Option<Node<'_>>, Fault> {
    if text.len() > LONGEST {
        let message = format!("the filter is longer than {LONGEST} bytes");
        return Err(Fault::new(text.len()..text.len(), message));
    }
    let tokens = tokens(text)?;
    if tokens.is_empty() {
        return Ok(None);
    }
    let mut parser = Parser {
        tokens: &tokens,
        end: text.len(),
        at: 0,
        depth: 0,
    };
    let node = parser.any()?;
    match parser.peek() {
        None => Ok(Some(node)),
        // Nothing but a closing parenthesis ends a list of terms before its time.
        Some(token) => Err(Fault::new(token.span.clone(), "`)` closes nothing")),
    }
}

struct Parser<'a, 't> {
    tokens: &'t [Token<'a>],
    end: usize,
    at: usize,
    depth: usize,
}

impl<'a, 't> Parser<'a, 't> {
    fn peek(&self) -> Option<&'t Token<'a>> {
        self.tokens.get(self.at)
    }

    fn next_if(&mut self, wanted: impl FnOnce(&Kind<'a>) -> bool) -> Option<&'t Token<'a>> {
        let token = self.peek().filter(|token| wanted(&token.kind))?;
        self.at += 1;
        Some(token)
    }

    /// Where the next token stands, or the end.
    fn place(&self) -> Range<usize> {
        match self.peek() {
            Some(token) => token.span.clone(),
            None => self.end..self.end,
        }
    }

    fn any(&mut self) -> Result<Node<'a>, Fault> {
        let mut sides = vec![self.all()?];
        while let Some(bar) = self.next_if(|kind| *kind == Kind::Or) {
            if !self.at_term() {
                let message = "`|` has nothing on its right side";
                return Err(Fault::new(bar.span.clone(), message));
            }
            sides.push(self.all()?);
        }
        Ok(single_or(sides, Node::Any))
    }

    fn all(&mut self) -> Result<Node<'a>, Fault> {
        let mut terms = vec![self.term()?];
        while self.at_term() {
            terms.push(self.term()?);
        }
        Ok(single_or(terms, Node::All))
    }

    fn at_term(&self) -> bool {
        self.peek()
            .is_some_and(|token| !matches!(token.kind, Kind::Or | Kind::Close))
    }

    fn term(&mut self) -> Result<Node<'a>, Fault> {
        let mut negated = false;
        while self.next_if(|kind| *kind == Kind::Not).is_some() {
            negated = !negated;
        }
        let node = self.positive_term()?;
        Ok(if negated {
            Node::Not(Box::new(node))
        } else {
            node
        })
    }

    fn positive_term(&mut self) -> Result<Node<'a>, Fault> {
        let Some(token) = self.peek() else {
            return Err(Fault::new(
                self.place(),
                "`!` needs something to negate after it",
            ));
        };
        let message = match &token.kind {
            Kind::Open => return self.group(),
            Kind::Field(name) => {
                self.at += 1;
                let values = self.values_of(name).map_err(|fault| {
                    // Of two faults the unknown field is the one to mend first.
                    let unknown = Field::named(name).is_none();
                    if unknown {
                        no_field(name, token.span.clone())
                    } else {
                        fault
                    }
                })?;
                return Ok(Node::Field {
                    name,
                    span: token.span.clone(),
                    values,
                });
            }
            Kind::Operator(Operator::Natural) => return Ok(Node::Listener(self.values_of("")?)),
            Kind::Bare(_) | Kind::Quoted(_) => {
                return Ok(Node::Words(self.values(Operator::Natural, "")?));
            }
            Kind::Operator(operator) => {
                format!(
                    "`{}` needs a field right before it: `port{0}443`",
                    operator.sign()
                )
            }
            Kind::Comma => "`,` stands between values, with nothing before it".into(),
            Kind::Or => "`|` has nothing on its left side".into(),
            Kind::Close if self.follows_open() => "there is nothing between `(` and `)`".into(),
            Kind::Close => "`)` closes nothing".into(),
            Kind::Not => "`!` needs something to negate after it".into(),
        };
        Err(Fault::new(token.span.clone(), message))
    }

    fn follows_open(&self) -> bool {
        self.before().is_some_and(|token| token.kind == Kind::Open)
    }

    fn group(&mut self) -> Result<Node<'a>, Fault> {
        let open = self.place();
        self.at += 1;
        self.depth += 1;
        if self.depth > DEEPEST {
            let message = format!("more than {DEEPEST} parentheses stand in each other");
            return Err(Fault::new(open, message));
        }
        if self.peek().is_none() {
            return Err(Fault::new(open, "`(` is not closed"));
        }
        let node = self.any()?;
        if self.next_if(|kind| *kind == Kind::Close).is_none() {
            return Err(Fault::new(open, "`(` is not closed"));
        }
        self.depth -= 1;
        Ok(node)
    }

    /// Reads the operator behind a field and what follows it.
    fn values_of(&mut self, field: &str) -> Result<Vec<Value<'a>>, Fault> {
        let operator = self.next_operator().unwrap_or(Operator::Natural);
        self.values(operator, field)
    }

    fn values(&mut self, operator: Operator, field: &str) -> Result<Vec<Value<'a>>, Fault> {
        let mut values = vec![self.value(operator, field)?];
        while self.next_if(|kind| *kind == Kind::Comma).is_some() {
            values.push(self.value(operator, field)?);
        }
        match self.peek() {
            Some(token) if self.is_glued(token) => {
                let message = "a value ends before this; put the whole value in quotes";
                Err(Fault::new(token.span.clone(), message))
            }
            _ => Ok(values),
        }
    }

    fn value(&mut self, operator: Operator, field: &str) -> Result<Value<'a>, Fault> {
        let operator = self.next_operator().unwrap_or(operator);
        let missing = self.before().map_or(0, |token| token.span.end);
        let found = self.peek().filter(|_| self.joins());
        let (text, quoted) = match found.map(|token| &token.kind) {
            Some(Kind::Bare(text)) => (Cow::Borrowed(*text), false),
            Some(Kind::Quoted(text)) => (text.clone(), true),
            _ => return Err(no_value(missing, field)),
        };
        let span = self.place();
        self.at += 1;
        Ok(Value {
            operator,
            text,
            quoted,
            span,
        })
    }

    fn next_operator(&mut self) -> Option<Operator> {
        let token = self.peek().filter(|_| self.joins())?;
        let Kind::Operator(operator) = token.kind else {
            return None;
        };
        self.at += 1;
        Some(operator)
    }

    /// The token that was read last.
    fn before(&self) -> Option<&'t Token<'a>> {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at))
    }

    /// Whether the next token may go on with a value: no blank stands behind an operator.
    fn joins(&self) -> bool {
        match (self.before(), self.peek()) {
            (Some(before), Some(next)) => {
                !matches!(before.kind, Kind::Operator(_)) || before.span.end == next.span.start
            }
            _ => true,
        }
    }

    /// Whether a token that begins something new follows the last one without a blank.
    fn is_glued(&self, token: &Token<'a>) -> bool {
        self.before()
            .is_some_and(|before| before.span.end == token.span.start)
            && !matches!(token.kind, Kind::Close | Kind::Or)
    }
}

fn no_value(at: usize, field: &str) -> Fault {
    match Field::named(field) {
        None => Fault::new(at..at, "a value is missing"),
        Some(known) => Fault::new(at..at, format!("{field}: a value is missing"))
            .hint(format!("`{}` is: {}", known.name, known.help)),
    }
}

fn single_or<'a>(
    mut nodes: Vec<Node<'a>>,
    several: impl FnOnce(Vec<Node<'a>>) -> Node<'a>,
) -> Node<'a> {
    match nodes.pop() {
        Some(only) if nodes.is_empty() => only,
        last => {
            nodes.extend(last);
            several(nodes)
        }
    }
}
