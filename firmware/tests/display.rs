//! What comes onto displays.

mod common;

use common::harness::{Always, Oled, clock, draw, press, takes, with_app, with_gallery};
use embedded_graphics::{
    framebuffer::{Framebuffer, buffer_size},
    image::GetPixel,
    pixelcolor::{
        BinaryColor, Gray4, Rgb565,
        raw::{BigEndian, RawU1, RawU16},
    },
    prelude::*,
};
use firmware::{
    Cost, Stopwatch, Unit,
    buttons::{Button, Event},
};

type Tft = Framebuffer<Rgb565, RawU16, BigEndian, 240, 320, { buffer_size::<Rgb565>(240, 320) }>;
type Paper = Framebuffer<BinaryColor, RawU1, BigEndian, 128, 64, { buffer_size::<BinaryColor>(128, 64) }>;

/// Lines are overdrawn, not cleared: whatever was on the display before must not show through.
#[test]
fn a_display_drawn_over_and_over_equals_one_drawn_afresh() {
    let way = [
        Event::Clicked(Button::Select),
        Event::Pressed(Button::Right),
        Event::Pressed(Button::Down),
        Event::Pressed(Button::Right),
        Event::Held(Button::Select),
        Event::Held(Button::Select),
        Event::Pressed(Button::Up),
        Event::Pressed(Button::Up),
        Event::Pressed(Button::Right),
        Event::Pressed(Button::Up),
        Event::Pressed(Button::Left),
        Event::Pressed(Button::Down),
        Event::Pressed(Button::Left),
    ];
    with_app(10, 999_999, |mut app| {
        let mut kept = Oled::new();
        // Shorter and shorter times: the text that stood there was longer.
        let mut micros = 100_000_000;
        app.draw(&mut kept, &mut takes(micros)).unwrap();
        for steps in 1..=way.len() {
            assert!(app.handle(way[steps - 1]));
            micros /= 4;
            app.draw(&mut kept, &mut takes(micros)).unwrap();
            with_app(10, 999_999, |mut fresh| {
                for event in &way[..steps] {
                    // Drawing tells the app how many digits a page has.
                    draw(&mut fresh);
                    fresh.handle(*event);
                }
                let mut display = Oled::new();
                fresh.draw(&mut display, &mut takes(micros)).unwrap();
                assert!(kept.data() == display.data(), "after {:?}", &way[..steps]);
            });
        }
    });
}

/// A board with a clock, one that counts instructions, and one that can measure nothing say so on the display.
#[test]
fn the_display_says_what_a_picture_cost_in_the_boards_own_unit() {
    let [time, count] = [Unit::Microseconds, Unit::Instructions].map(|unit| Cost { amount: 798_827, unit });
    for view in [&[][..], &[Event::Pressed(Button::Up), Event::Pressed(Button::Right)]] {
        let screens = [Some(time), Some(count), None].map(|cost| {
            let mut oled = Oled::new();
            with_app(10, 5, |mut app| {
                for event in view {
                    app.handle(*event);
                }
                assert_eq!(app.draw(&mut oled, &mut Always(cost)).unwrap().cost, cost);
            });
            oled.data().to_vec()
        });
        assert!(screens[0] != screens[1] && screens[1] != screens[2] && screens[2] != screens[0]);
    }
}

/// The mean of a page, whose pictures took longer and longer, and of which the clock's count runs over.
#[test]
fn a_grid_shows_the_mean_of_its_pictures() {
    let (mut now, mut readings) = (u32::MAX - 1_000, 0);
    let mut stopwatch = Stopwatch(move || {
        readings += 1;
        now = now.wrapping_add(100 * readings);
        now
    });
    with_app(10, 5, |mut app| {
        press(&mut app, Button::Up);
        press(&mut app, Button::Right);
        let shown = app.draw(&mut Oled::new(), &mut stopwatch).unwrap();
        // 200, 400, … 1,600.
        assert_eq!((shown.pictures, shown.cost), (8, Some(Cost { amount: 900, unit: Unit::Microseconds })));
    });
}

#[test]
fn colour_and_black_and_white_displays_show_digit_and_text() {
    with_app(10, 5, |mut app| {
        let mut tft = Tft::new();
        app.draw(&mut tft, &mut clock()).unwrap();
        let lit = |rows: std::ops::Range<i32>| {
            rows.flat_map(|y| (0..240).map(move |x| Point::new(x, y)))
                .filter(|point| tft.pixel(*point).is_some_and(|color| color.g() > Rgb565::MAX_G / 2))
                .count()
        };
        assert!(lit(0..240) > 100 && lit(240..320) > 100, "{} {}", lit(0..240), lit(240..320));
    });
    with_app(10, 5, |mut app| {
        let mut paper = Paper::new();
        app.draw(&mut paper, &mut clock()).unwrap();
        assert!(paper.data().iter().any(|byte| *byte != 0));
    });
}

#[test]
fn a_message_is_broken_at_the_edge_and_cut_at_the_end_of_the_display() {
    let mut oled = Oled::new();
    firmware::screen::message(&mut oled, "Model file: the checksum does not match").unwrap();
    let lit = |rows: std::ops::Range<i32>| {
        rows.flat_map(|y| (0..128).map(move |x| Point::new(x, y)))
            .filter(|point| oled.pixel(*point) != Some(Gray4::BLACK))
            .count()
    };
    // 25 characters of 5×8 a line: two lines.
    assert!(lit(0..8) > 50 && lit(8..16) > 50 && lit(16..64) == 0);

    let long = "x".repeat(10_000);
    firmware::screen::message(&mut oled, long).unwrap();
}

/// The panel of a model whose classes have these names, at class 1: columns of the OLED right of the picture.
fn panel_of_class_one(names: &[&str]) -> Vec<u8> {
    let mut oled = Oled::new();
    with_gallery(&[common::named_model(10, names)], 5, |mut app| {
        press(&mut app, Button::Right);
        let (shown, drawn) = draw(&mut app);
        assert_eq!(shown.settings.choices[0], 1);
        oled = drawn;
    });
    let points = (0..64).flat_map(|y| (64..128).map(move |x| Point::new(x, y)));
    points.map(|point| oled.pixel(point).unwrap().luma()).collect()
}

#[test]
fn a_class_is_shown_by_its_name_or_else_by_its_number() {
    let numbers: Vec<String> = (0..10).map(|class| class.to_string()).collect();
    let named = |name: &str| {
        let mut names: Vec<&str> = numbers.iter().map(String::as_str).collect();
        names[1] = name;
        panel_of_class_one(&names)
    };
    assert_eq!(named("1"), panel_of_class_one(&[]));
    assert_ne!(named("boot"), named("1"));
    // What is too long is cut, and letters that no font has are marked.
    assert_eq!(named("an ankle boot of brown leather"), named("an ankle boot of black leather"));
    assert_ne!(named("an ankle boot of brown leather"), named(""));
    assert_eq!(named("Stöckel"), named("St?ckel"));
}
